"""PoseResNet-152, 192 x 256 px; both networks from the same weights, as published."""

_base_ = './pose-resnet50.py'

backbone_init = dict(
    checkpoint='https://download.pytorch.org/models/resnet152-394f9c45.pth'
)

student = dict(backbone=dict(depth=152))
