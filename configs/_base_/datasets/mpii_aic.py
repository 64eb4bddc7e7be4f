"""MPII with labels, and the persons of AI Challenger without theirs.

``labels`` may be a number of persons, as in ``coco_posedual.py``.
"""

_base_ = './people_views.py'

mpii_root = 'data/mpii'
aic_root = 'data/ai_challenger'
num_workers = 4
labels = None
metric = 'mpii/Mean'
supervised_joints = [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 14, 15, 16, 17, 18, 19]

mpii_set = dict(
    type='ssltoolbox.MpiiPoseDataset',
    data_root='${mpii_root}',
    subset='train',
    metainfo='${layout}',
)
aic_set = dict(
    type='ssltoolbox.AicPoseDataset',
    data_root='${aic_root}',
    subset='train',
    metainfo='${layout}',
)
evaluation_files = ['${mpii_root}/annot/validation.json']
labelled = dict(dataset='${mpii_set}')
unlabelled = dict(dataset='${aic_set}')

persons_of_val = dict(
    type='ssltoolbox.MpiiPoseDataset',
    data_root='${mpii_root}',
    subset='validation',
    metainfo='${layout}',
)
val_dataloader = dict(dataset=persons_of_val)
test_dataloader = dict(dataset=persons_of_val)
del persons_of_val
val_evaluator = dict(
    type='ssltoolbox.MpiiPCKhMetric', gt_file='${mpii_root}/annot/gt_validation.mat'
)
test_evaluator = val_evaluator
