"""A U-Net of five levels, trained in minutes on a CPU."""

_base_ = './depth_unet.py'

teacher_network = dict(backbone=dict(depth=5))
