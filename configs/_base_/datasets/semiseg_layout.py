"""A folder in the layout of Semi-Seg: codes.txt, Images, Labels, unlabeled_images.

Set ``classes`` to those of ``codes.txt``. The original has no test images: without
``Images/test`` set ``test_split = 'valid'``, the images that the network is chosen by.
"""

_base_ = './split_folders.py'

data_root = 'data/semiseg'
labels = 1.0  # share of the training images, a number of them, or a label list
num_workers = 4

classes = dict(classes=('background', 'polyp'), palette=[[0, 0, 0], [255, 90, 60]])
num_classes = 2
input_size = (640, 480)
pool_set = dict(
    type='ssltoolbox.SemiSegDataset',
    data_root='${data_root}',
    split='unlabelled',
    metainfo='${classes}',
)
unlabelled = dict(dataset='${pool_set}', labels=None)
