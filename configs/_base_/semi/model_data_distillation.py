"""Model and data distillation: three networks, each through several views."""

_base_ = './model_distillation.py'

views = ['flip_ud', 'flip_lr', 'rotate_180']  # and the unchanged image
