"""Labelled and unlabelled images in one batch, for methods without pseudo labels.

Expects of the task's base config ``student``, ``task``, ``labelled``, ``unlabelled``,
``load``, ``train_view``, ``pack``, ``num_workers`` and ``metric``, of the schedule
epochs, their length, batch size, ``semi_ratio`` and intervals. A method says what
``method`` is, and which ``stages`` there are.
"""

_base_ = './supervised_stage.py'

best = 'student/${metric}'  # the network and metric that choose the best checkpoint
semi_stage = dict(
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${student}',
        task='${task}',
        method='${method}',
        init_student='${init_student}',
    ),
    train_dataloader=dict(
        batch_size='${batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        collate_fn=dict(type='ssltoolbox.branch_collate'),
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${batch_size}',
            ratio='${semi_ratio}',
            epoch_length='${epoch_length}',
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources='${semi_sources}',
            pipeline='${semi_pipeline}',
        ),
    ),
    val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop'),
    test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop'),
    select='${best}',
    custom_hooks='${semi_hooks}',
)
init_student = None  # '${supervised.best}' after a supervised stage
semi_sources = dict(labelled='${labelled}', unlabelled='${unlabelled}')
semi_pipeline = ['*${load}', '${branches}']
branches = dict(type='ssltoolbox.Branches', strong=['*${train_view}', '${pack}'])
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='ssltoolbox.StopOnNaNHook', interval=50),
    dict(type='ssltoolbox.PseudoLabelQualityHook', interval='${watch_interval}'),
    dict(type='ssltoolbox.PseudoLabelPictureHook', interval='${picture_interval}'),
    dict(
        type='ssltoolbox.WatchdogHook', interval='${watch_interval}', metric='${metric}'
    ),
    dict(type='SyncBuffersHook'),
]
