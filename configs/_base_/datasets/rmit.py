"""RMIT, surgery of the retina: one instrument with four points in three sequences.

The first half of each sequence is trained on, the second tested. All labels are used,
as published; a share makes the other frames of the first half the unlabelled pool.
"""

_base_ = './instrument_views.py'

data_root = 'data/rmit'
labels = 1.0  # share of the frames, or a label list
joint_channels = [0, 1, 2, 3]
# 7.1 sigma for each point, so 340 for the instrument
accept = [[240, 410]]
axis_order = 'yx'  # of the numbers in the text files; draw them to see, see the docs
num_workers = 4

train_set = dict(
    type='ssltoolbox.RmitDataset',
    data_root='${data_root}',
    subset='train',
    axis_order='${axis_order}',
)
test_set = dict(
    type='ssltoolbox.RmitDataset',
    data_root='${data_root}',
    subset='test',
    axis_order='${axis_order}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
val_set = '${test_set}'
train_view = [
    dict(
        type='ssltoolbox.SurgicalView',
        input_size='${codec.input_size}',
        moves=('translation', 'rotation', 'none'),
    ),
    dict(type='ssltoolbox.SurgicalColour'),
]
instrument_metric = [
    dict(type='ssltoolbox.DetectionRateMetric', threshold=15),
    dict(type='ssltoolbox.ToolKeypointMetric', thresholds=[15, 5, 10, 20]),
]
val_evaluator = '${instrument_metric}'
test_evaluator = '${instrument_metric}'
metric = 'detection/rate'
select = None
