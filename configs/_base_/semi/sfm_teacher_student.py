"""Three stages: structure from motion teaches a teacher, it a student, and that again.

Expects ``teacher_network`` (model), ``teacher_epochs``, ``distil_epochs``,
``distil_clip`` and ``student_cycle`` (schedule) besides what ``sfm_supervision.py``
does.
"""

_base_ = './sfm_supervision.py'

consistency = dict(_delete_=True, type='ssltoolbox.ConstantRamp', end=10.0)
method = dict(
    flow_weight=100.0,
    scale_weight=0.3,
    agreement=dict(type='ssltoolbox.NormalisedL2Loss', floor=1.0),
    by_baseline=True,
    max_flow_loss=0.2,
)
distillation = dict(type='ssltoolbox.DepthDistillation')
light_alone = [
    dict(
        type='ssltoolbox.EndoscopicColour',
        brightness=0.2,
        contrast=0.2,
        gamma=(1.0, 1.0),
        hue=0.0,
        light_share=1.0,
        blur_prob=0.0,
        noise_prob=0.0,
    )
]
strong_colour = [
    dict(
        type='ssltoolbox.EndoscopicColour',
        gamma=(0.5, 1.8),
        noise_variance=(10.0, 50.0),
        grey_noise=(2.55, 12.75),
    )
]
sfm_hooks = ['*${semi_hooks}', dict(type='ssltoolbox.FailedSequencesHook')]
loops = dict(
    train_dataloader='${semi_loader}',
    val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop'),
    test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop'),
    select='${best}',
    default_hooks=dict(checkpoint=dict(rule='${select_rule}')),
)
teacher_stage = dict(
    **loops,
    augment='${light_alone}',
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${teacher_network}',
        task='${task}',
        method='${method}',
    ),
    train_cfg=dict(max_epochs='${teacher_epochs}'),
    custom_hooks='${sfm_hooks}',
)
distil_stage = dict(
    **loops,
    augment='${light_alone}',
    model=dict(
        type='ssltoolbox.SemiSupervisedModel',
        student='${student}',
        teacher=dict(
            type='ssltoolbox.FrozenTeacher',
            network='${teacher_network}',
            checkpoint='${teacher_sfm.best}',
        ),
        task='${task}',
        method='${distillation}',
    ),
    optim_wrapper=dict(clip_grad='${distil_clip}'),
    train_cfg=dict(max_epochs='${distil_epochs}'),
    custom_hooks='${semi_hooks}',
)
semi_stage = dict(
    augment='${strong_colour}',
    model=dict(init_student='${distil.last}', init_from='student'),
    param_scheduler=['${student_cycle}'],
    custom_hooks='${sfm_hooks}',
)
del loops
stages = [
    dict(name='teacher_sfm', cfg='${teacher_stage}'),
    dict(name='distil', cfg='${distil_stage}'),
    dict(name='student_sfm', cfg='${semi_stage}'),
]
