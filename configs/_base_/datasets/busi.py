"""BUSI: ultrasound images of breasts with tumours (Al-Dhabyani et al., 2020).

Written by ``tools/dataset_converters/busi.py`` with sub folders for benign, malignant
and normal; a share of labels is drawn from each. Semi-Seg took 629 of 780 images and
does not say which.
"""

_base_ = './seg_views.py'

data_root = 'data/busi'
labels = 0.2  # share of the training images, a number of them, or a label list
num_workers = 4

folders = dict(img_path='images', seg_map_path='masks')
classes = dict(
    classes=('background', 'tumour'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [255, 90, 60]],
)
num_classes = 2
input_size = (512, 512)
train_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    ann_file='annotations/all_train.json',
)
val_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    ann_file='annotations/all_val.json',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
test_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    ann_file='annotations/all_test.json',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
