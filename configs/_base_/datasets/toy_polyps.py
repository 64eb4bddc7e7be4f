"""Generated polyps: ``python -m ssltoolbox.testing.toy_polyps`` draws them.

20 of 240 training images are labelled; the pool is the others, whose masks are hidden.
The images of ``unlabeled_images``, further patients, are left to tools/distill.py.
"""

_base_ = './seg_views.py'

data_root = 'data/toy_polyps'
labels = '${data_root}/label_lists/20images_seed0.json'
num_workers = 1

classes = dict(
    classes=('background', 'polyp'),
    codes=[[0], [255]],
    palette=[[0, 0, 0], [255, 90, 60]],
)
num_classes = 2
input_size = (160, 128)
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
    split='test',
    metainfo='${classes}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
