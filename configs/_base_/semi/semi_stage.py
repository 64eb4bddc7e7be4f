"""A stage in which a method teaches a network, on batches of labelled and other images.

Expects ``student``, ``method``, ``semi_sources`` and ``best`` (network and metric that
choose the checkpoint) of a method's config, ``task`` and ``metric`` of the task's, and
batches and intervals of the schedule.
"""

watched_metric = '${metric}'  # None: an error, whose fall is no alarm
semi_loader = dict(
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    persistent_workers=True,
    collate_fn=dict(type='ssltoolbox.branch_collate'),
    sampler=dict(type='ssltoolbox.MultiSourceSampler', batch_size='${batch_size}'),
    dataset=dict(type='ssltoolbox.MultiSourceDataset', sources='${semi_sources}'),
)
semi_stage = dict(
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${student}',
        task='${task}',
        method='${method}',
    ),
    train_dataloader='${semi_loader}',
    val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop'),
    test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop'),
    select='${best}',
    custom_hooks='${semi_hooks}',
)
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='ssltoolbox.StopOnNaNHook', interval=50),
    dict(type='ssltoolbox.PseudoLabelQualityHook', interval='${watch_interval}'),
    dict(type='ssltoolbox.PseudoLabelPictureHook', interval='${picture_interval}'),
    dict(
        type='ssltoolbox.WatchdogHook',
        interval='${watch_interval}',
        metric='${watched_metric}',
    ),
    dict(type='SyncBuffersHook'),
]
