"""EndoVis'15: four videos to train on, six to test on; one frame in five is labelled.

The frames without annotations of the training videos are the unlabelled pool. There
is no validation video: the last checkpoint counts, and validations during the training
only show how far it is. ``docs/methods/ssl2dpose.md`` tells how to prepare the data.
"""

_base_ = './instrument_views.py'

data_root = 'data/endovis'
labels = 1.0  # share of the annotated frames, or a label list
joint_channels = [0, 1, 2, 3, 4]
# of the joints' maps: 7.1 sigma for each joint, so 315 for one instrument, 630 for two;
# the published intervals fit the connections of the published program only
accept = [[220, 380], [500, 720]]
num_workers = 4
test_sequences = 'test'  # 'seen' or 'unseen': instruments like those of the training

# left is always on the left, seen from the shaft: a mirrored frame has them exchanged
plain_view = dict(exchange_sides=True)
train_view = [
    dict(
        type='ssltoolbox.SurgicalView',
        input_size='${codec.input_size}',
        exchange_sides=True,
    )
]
train_set = dict(
    type='ssltoolbox.EndoVisDataset',
    data_root='${data_root}',
    sequences='train',
    frames='all',
)
test_set = dict(
    type='ssltoolbox.EndoVisDataset',
    data_root='${data_root}',
    sequences='${test_sequences}',
    test_mode=True,
    pipeline='${eval_pipeline}',
)
val_set = '${test_set}'
val_evaluator = '${instrument_metric}'
test_evaluator = '${instrument_metric}'
instrument_metric = dict(
    type='ssltoolbox.ToolKeypointMetric',
    thresholds=[20, 5, 10, 15],
    sequence=r'_([a-z]+[0-9]+)$',
    subsets=dict(seen=['test1', 'test2', 'test3', 'test4'], unseen=['test5', 'test6']),
)
metric = 'tool/F1'
select = None
