"""Generated scenes: ``python -m ssltoolbox.testing.toy_instruments`` draws them.

Shaft and tip of each instrument in every frame; the same videos and number of
labelled frames as toy_instruments.py. Expects ``input_size`` from the network. Masks of
the evaluation keep the size of their images, to which predictions are enlarged.
"""

_base_ = './instrument_views.py'

data_root = 'data/toy_instruments'
labels = 16 / 240  # share of the frames of each video, or a label list
num_workers = 1

folders = dict(img_path='frames', seg_map_path='masks')
classes = dict(
    classes=('background', 'shaft', 'tip'),
    palette=[[0, 0, 0], [90, 160, 255], [255, 170, 60]],
)
train_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    sequences=['train1', 'train2', 'train3', 'train4'],
)
val_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    sequences=['val1', 'val2'],
)
test_set = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='${data_root}',
    data_prefix='${folders}',
    metainfo='${classes}',
    sequences=['test1', 'test2', 'test3', 'test4', 'test5', 'test6'],
)

load = [dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')]
plain_view = dict(input_size='${input_size}')
train_view = [
    dict(
        type='ssltoolbox.RandomImageView',
        input_size='${input_size}',
        hflip_prob=0.5,
        vflip_prob=0.5,
        translation=4,
        rotation=20,
        scale=0.15,
    )
]
make_target = []
pack = dict(type='ssltoolbox.PackSegView')
task = dict(type='ssltoolbox.SegTask')
eval_pipeline = [
    dict(type='ssltoolbox.LoadImage'),
    '${plain_view}',
    dict(type='ssltoolbox.LoadMask'),
    '${pack}',
]
val_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.ImageMaskDataset',
        data_root='${data_root}',
        data_prefix='${folders}',
        metainfo='${classes}',
        sequences='${val_set.sequences}',
    ),
)
test_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.ImageMaskDataset',
        data_root='${data_root}',
        data_prefix='${folders}',
        metainfo='${classes}',
        sequences='${test_set.sequences}',
    ),
)
val_evaluator = '${segmentation_metric}'
test_evaluator = '${segmentation_metric}'
segmentation_metric = dict(type='mmseg.IoUMetric', iou_metrics=['mIoU'], prefix='seg')
metric = 'seg/mIoU'  # percent
select = '${metric}'
