"""Validation and test data: every box once, in order, not augmented.

The data sets fill in ``val_dataloader.dataset`` and ``test_dataloader.dataset``.
"""

box_padding = 1.25  # side of the crop over side of the box
eval_pipeline = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding='${box_padding}'),
    dict(type='TopdownAffine', input_size='${codec.input_size}'),
    dict(type='PackPoseInputs'),
]
in_order = dict(
    batch_size=32,
    num_workers='${num_workers}',
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(test_mode=True, pipeline='${eval_pipeline}'),
)
val_dataloader = in_order
test_dataloader = in_order
del in_order
metric = 'coco/AP'
select = '${metric}'
