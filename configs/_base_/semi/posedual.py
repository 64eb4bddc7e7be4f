"""PoseDual: two networks, the easy views of one teach the hard views of the other.

Expects ``student``, ``codec`` and ``peer_init`` (models), ``labelled``, ``unlabelled``
and ``supervised_joints`` (data set), epochs and batch sizes (schedule) from the other
base configs.
"""

affine = dict(type='ssltoolbox.RandomAffine')
cutout = dict()  # dict(type='ssltoolbox.JointCutout') hides squares at predicted joints
hard_view = dict(type='ssltoolbox.HardView', affine='${affine}', cutout='${cutout}')
method = dict(
    type='ssltoolbox.PoseDual',
    hard_view='${hard_view}',
    supervised_joints='${supervised_joints}',
)
teacher = dict(type='ssltoolbox.PeerTeacher', backbone_init='${peer_init}')
best = 'ensemble/${metric}'  # the original looks at the first network, net1

semi_stage = dict(
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${student}',
        teacher='${teacher}',
        task=dict(type='ssltoolbox.PoseTask'),
        method='${method}',
    ),
    train_dataloader=dict(
        batch_size='${batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        collate_fn=dict(type='ssltoolbox.branch_collate'),
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${batch_size}',
            ratio=(1, 1),
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources=dict(labelled='${labelled}', unlabelled='${unlabelled}'),
        ),
    ),
    val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop'),
    test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop'),
    select='${best}',
    custom_hooks='${semi_hooks}',
)
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='ssltoolbox.StopOnNaNHook', interval=50),
    dict(type='ssltoolbox.CollapseMonitorHook', interval='${watch_interval}'),
    dict(type='ssltoolbox.PseudoLabelQualityHook', interval='${watch_interval}'),
    dict(type='ssltoolbox.PseudoLabelPictureHook', interval='${picture_interval}'),
    dict(
        type='ssltoolbox.WatchdogHook', interval='${watch_interval}', metric='${metric}'
    ),
    dict(type='SyncBuffersHook'),
]
stages = [dict(name='semi', cfg='${semi_stage}')]
