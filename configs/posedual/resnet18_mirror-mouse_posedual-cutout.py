"""PoseDual on a mouse: 10 labelled frames, the others and a video without labels."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18_mouse.py',
    '../_base_/datasets/mirror_mouse_views.py',
    '../_base_/schedules/posedual_mouse.py',
    '../_base_/semi/posedual.py',
]
peer_init = '${backbone_init}'
affine = dict(rotation=10, scale=0.15)
cutout = dict(type='ssltoolbox.JointCutout', half_size=(7, 14), jitter=7)
