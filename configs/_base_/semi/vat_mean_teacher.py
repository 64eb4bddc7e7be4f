"""Virtual adversarial training and mean teacher, over one pass of the student."""

_base_ = './mean_teacher.py'

mean_teacher = dict(
    type='ssltoolbox.MeanTeacher',
    consistency=dict(
        type='ssltoolbox.SigmoidRamp', end=0.1, length='${ramp_length}', by='iter'
    ),
    teacher_view='strong',
)
vat = dict(type='ssltoolbox.VAT')
method = dict(
    _delete_=True,
    type='ssltoolbox.Together',
    methods=['${mean_teacher}', '${vat}'],
)
