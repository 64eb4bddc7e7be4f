"""Published schedule of the three stages.

There, an epoch is one pass over all frames of a data set that is not public; here it
has 2000 pairs. The rate of the student goes on where distillation left it.
"""

_base_ = './endodepth.py'

teacher_epochs = 5
distil_epochs = 2
epochs = 11
distil_clip = dict(max_norm=10.0)  # None as published, which may diverge
student_cycle = dict(
    type='ssltoolbox.CyclicLR',
    half_cycle='${half_cycle}',
    eta_min=1e-4,
    first_step=['${distil_epochs}', '${epoch_length}'],
    by_epoch=False,
)
