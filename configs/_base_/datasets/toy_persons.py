"""Generated persons: ``python -m ssltoolbox.testing.toy_persons`` draws them.

As in PoseDual (Xie et al., ICCV 2021), the unlabelled persons are all training persons,
the labelled ones among them. ``unlabelled_labels = '${labels}'`` takes those out.
"""

_base_ = './evaluation.py'

data_root = 'data/toy_persons'
labels = '${data_root}/label_lists/20images_seed0.json'
unlabelled_labels = None
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

# A method makes its hard views from these easy ones. RandAugment is one more view of
# the same crop: unlabelled_views = dict(colour=[<transform>, '${pack}']).
easy_view = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding='${box_padding}'),
    dict(
        type='ssltoolbox.RandomView',
        input_size='${codec.input_size}',
        scale=0.25,
        rotation=30,
        rotation_prob=0.6,
        flip_prob=0.5,
    ),
]
pack = dict(type='ssltoolbox.PackPoseView')
labelled_views = dict(type='ssltoolbox.Branches', labelled=['${pack}'])
unlabelled_views = dict(type='ssltoolbox.Branches', easy=['${pack}'])

labelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='labelled',
    forbidden='${evaluation_files}',
    pipeline=['*${easy_view}', '${labelled_views}'],
)
unlabelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${unlabelled_labels}',
    part='unlabelled',
    forbidden='${evaluation_files}',
    pipeline=['*${easy_view}', '${unlabelled_views}'],
)
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
