"""BUSI: ultrasound images of breasts with tumours (Al-Dhabyani et al., 2020).

Written by ``tools/dataset_converters/busi.py`` with sub folders for benign, malignant
and normal; a share of labels is drawn from each. Semi-Seg took 629 of 780 images and
does not say which.
"""

_base_ = './listed_masks.py'

data_root = 'data/busi'
labels = 0.2  # share of the training images, a number of them, or a label list
classes = dict(
    classes=('background', 'tumour'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [255, 90, 60]],
)
num_classes = 2
input_size = (512, 512)
