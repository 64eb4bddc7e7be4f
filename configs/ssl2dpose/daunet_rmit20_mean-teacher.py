"""Mean teacher, on RMIT with a fifth of the labels."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/daunet_rmit.py',
    '../_base_/datasets/rmit.py',
    '../_base_/schedules/ssl2dpose.py',
    '../_base_/semi/mean_teacher.py',
]
labels = 0.2
best = None  # the last checkpoint counts: there are no validation frames
