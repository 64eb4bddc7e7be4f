"""Generated persons: ``python -m ssltoolbox.testing.toy_persons`` draws them.

As in PoseDual, the unlabelled persons are all training persons, the labelled ones among
them, see ``easy_views.py``. The joints are COCO's own 17.
"""

_base_ = './people_views.py'

data_root = 'data/toy_persons'
labels = '${data_root}/label_lists/80images_seed0.json'
num_workers = 1
layout = dict(from_file='configs/_base_/datasets/coco.py')
supervised_joints = list(range(17))  # those that the labelled persons have

train_set = dict(
    type='ssltoolbox.CocoPoseDataset',
    data_root='${data_root}',
    ann_file='annotations/person_keypoints_train.json',
    data_prefix=dict(img='images/train'),
    metainfo='${layout}',
)
evaluation_files = [
    '${data_root}/annotations/person_keypoints_val.json',
    '${data_root}/annotations/person_keypoints_test.json',
]

labelled = dict(dataset='${train_set}')
unlabelled = dict(dataset='${train_set}')
val_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root='${data_root}',
        ann_file='annotations/person_keypoints_val.json',
        data_prefix=dict(img='images/val'),
        metainfo='${layout}',
    ),
)
test_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root='${data_root}',
        ann_file='annotations/person_keypoints_test.json',
        data_prefix=dict(img='images/test'),
        metainfo='${layout}',
    ),
)
val_evaluator = [
    dict(
        type='ssltoolbox.KeypointAPMetric',
        ann_file='${data_root}/annotations/person_keypoints_val.json',
    ),
    dict(type='ssltoolbox.PCKMetric'),
]
test_evaluator = [
    dict(
        type='ssltoolbox.KeypointAPMetric',
        ann_file='${data_root}/annotations/person_keypoints_test.json',
    ),
    dict(type='ssltoolbox.PCKMetric'),
]
