"""A mouse seen directly and in a mirror: 90 labelled frames, and an unlabelled video.

The data (Warren et al., eLife 2021) come with Lightning Pose. Put its files
``CollectedData.csv``, ``labeled-data/`` and ``videos/`` into ``data/mirror_mouse``::

    cd data/mirror_mouse; T=../../tools
    python $T/dataset_converters/dlc2coco.py CollectedData.csv \\
        --out annotations/mouse.json
    python $T/make_split.py annotations/mouse.json --divide 60 15 --out annotations
    python $T/make_split.py annotations/mouse_train.json --count 10 --out label_lists
    python $T/dataset_converters/video2frames.py videos/*.mp4 --every 10 --out frames

Any project of DeepLabCut or Lightning Pose with one animal is read in this way.
"""

_base_ = './evaluation.py'

data_root = 'data/mirror_mouse'
labels = '${data_root}/label_lists/mouse_train_10images_fold0.json'
num_workers = 2
box_padding = 1.0  # the box is the whole image
leak_check = dict(allow=dict(group='all labelled frames are of one video'))
layout = dict(from_file='${data_root}/annotations/mouse_metainfo.py')

train_set = dict(
    type='ssltoolbox.CocoPoseDataset',
    data_root='${data_root}',
    ann_file='annotations/mouse_train.json',
    metainfo='${layout}',
)
video_set = dict(
    type='ssltoolbox.UnlabelledImages',
    data_root='${data_root}',
    img_dir='frames',
    metainfo='${layout}',
)
unlabelled_video = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${video_set}',
    labels=None,
    part='unlabelled',
    pseudo_labels='${pseudo_label.store}',
    drop_share='${drop_share}',
)
evaluation_files = [
    '${data_root}/annotations/mouse_val.json',
    '${data_root}/annotations/mouse_test.json',
]
val_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root='${data_root}',
        ann_file='annotations/mouse_val.json',
        metainfo='${layout}',
    ),
)
test_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root='${data_root}',
        ann_file='annotations/mouse_test.json',
        metainfo='${layout}',
    ),
)
val_evaluator = [
    dict(type='ssltoolbox.KeypointAPMetric'),
    dict(type='ssltoolbox.PCKMetric'),
]
test_evaluator = [
    dict(type='ssltoolbox.KeypointAPMetric'),
    dict(type='ssltoolbox.PCKMetric'),
]
