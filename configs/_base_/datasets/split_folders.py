"""Images and masks in the folders of Semi-Seg, one for each part.

Expects ``data_root`` and ``classes`` of the data set.
"""

_base_ = './seg_views.py'

test_split = 'test'
train_set = dict(
    type='ssltoolbox.SemiSegDataset',
    data_root='${data_root}',
    split='train',
    metainfo='${classes}',
)
val_set = dict(
    type='ssltoolbox.SemiSegDataset',
    data_root='${data_root}',
    split='valid',
    metainfo='${classes}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
test_set = dict(
    type='ssltoolbox.SemiSegDataset',
    data_root='${data_root}',
    split='${test_split}',
    metainfo='${classes}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
