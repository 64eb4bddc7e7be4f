"""PoseCons: a network's own easy views teach its hard views."""

_base_ = './posedual.py'

method = dict(type='ssltoolbox.PoseCons')
teacher = None
best = 'student/${metric}'
