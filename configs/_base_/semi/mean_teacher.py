"""Mean teacher: the student's output shall be that of its own average.

The average and the student see the same view, as in SSL-2D-Pose. For two views add
``weak`` to ``branches``, and ``method = dict(teacher_view='weak')``.
"""

_base_ = './consistency.py'

method = dict(
    type='ssltoolbox.MeanTeacher',
    consistency=dict(
        type='ssltoolbox.SigmoidRamp', end=0.1, length='${ramp_length}', by='iter'
    ),
    teacher_view='strong',
)
teacher = dict(
    type='ssltoolbox.EMATeacher',
    decay=0.95,
    warmup=False,
    buffers='copy',
    mode='train',  # dropout is its only noise
)
best = ['teacher/${metric}', 'student/${metric}']
semi_stage = dict(model=dict(teacher='${teacher}'))
stages = [dict(name='semi', cfg='${semi_stage}')]
