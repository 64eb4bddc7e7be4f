"""Pairs of frames with structure from motion teach one network.

Expects ``student`` (model), ``train_set``, ``task`` and ``metric`` (data set), epochs,
batches and intervals (schedule) from the other base configs.
"""

best = 'student/${metric}'
select_rule = 'less'  # an error: the least is the best
consistency = dict(type='ssltoolbox.StepRamp', start=0.1, end=5.0, length=21)
method = dict(
    type='ssltoolbox.SfmSupervision',
    flow_weight=20.0,
    consistency='${consistency}',
)
sfm_loader = dict(
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    persistent_workers=True,
    collate_fn=dict(type='ssltoolbox.branch_collate'),
    sampler=dict(
        type='ssltoolbox.MultiSourceSampler',
        batch_size='${batch_size}',
        epoch_length='${epoch_length}',
    ),
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset', sources=dict(frames='${train_set}')
    ),
)
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='ssltoolbox.StopOnNaNHook', interval=50),
    dict(type='ssltoolbox.PseudoLabelQualityHook', interval='${watch_interval}'),
    dict(type='ssltoolbox.PseudoLabelPictureHook', interval='${picture_interval}'),
    dict(type='ssltoolbox.WatchdogHook', interval='${watch_interval}', metric=None),
    dict(type='SyncBuffersHook'),
]
student_stage = dict(
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${student}',
        task='${task}',
        method='${method}',
    ),
    train_dataloader='${sfm_loader}',
    val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop'),
    test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop'),
    select='${best}',
    default_hooks=dict(checkpoint=dict(rule='${select_rule}')),
    custom_hooks='${semi_hooks}',
)
stages = [dict(name='sfm', cfg='${student_stage}')]
