"""Images and masks whose parts are the lists that the converters write.

Expects ``data_root`` and ``classes`` of the data set.
"""

_base_ = './seg_views.py'

num_workers = 4
folders = dict(img_path='images', seg_map_path='masks')
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
