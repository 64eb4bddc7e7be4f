"""Membranes of neurons in electron microscopy, the ISBI 2012 challenge.

``image/`` and ``label/`` hold 30 successive slices of a volume, black where there is a
membrane; ``unlabeled/`` holds 30 slices of another one. Parts are runs of slices, since
neighbouring ones are alike. At this size a membrane is two to four pixels wide.
"""

_base_ = './seg_views.py'

data_root = 'data/em_membrane'
labels = 0.25  # 5 of the 20
num_workers = 1

folders = dict(img_path='image', seg_map_path='label')
classes = dict(
    classes=('cell', 'membrane'),
    codes=[[255], [0]],
    palette=[[255, 255, 255], [30, 60, 200]],
)
num_classes = 2
input_size = (192, 192)
train_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    names=[str(n) for n in range(20)],
)
val_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    names=[str(n) for n in range(20, 24)],
    test_mode=True,
    pipeline='${eval_pipeline}',
)
test_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    names=[str(n) for n in range(24, 30)],
    test_mode=True,
    pipeline='${eval_pipeline}',
)
pool_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix=dict(img_path='unlabeled'),
    metainfo='${classes}',
    require_masks=False,
)
unlabelled = dict(dataset='${pool_set}', labels=None)
