"""PoseResNet-101, 192 x 256 px; both networks from the same weights, as published."""

_base_ = './pose-resnet50.py'

backbone_init = dict(
    checkpoint='https://download.pytorch.org/models/resnet101-63fe2227.pth'
)

student = dict(backbone=dict(depth=101))
