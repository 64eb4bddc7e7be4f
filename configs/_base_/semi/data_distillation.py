"""Data distillation: one network, seen through several views, labels the images."""

_base_ = './distillation.py'

members = ['${member_1}']
views = ['flip_ud', 'flip_lr', 'rotate_180']  # and the unchanged image
stages = [
    dict(name='base_1', cfg='${base_stage_1}'),
    dict(name='annotate', job='${annotation}'),
    dict(name='target', cfg='${target_stage}'),
]
