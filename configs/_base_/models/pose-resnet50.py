"""PoseResNet-50, 192 x 256 px; both networks from the same weights, as published.

``peer_init = dict(type='Pretrained', checkpoint='mmcls://resnet50')`` starts the second
one from another training on ImageNet.
"""

_base_ = './pose-resnet18.py'

backbone_init = dict(
    checkpoint='https://download.pytorch.org/models/resnet50-0676ba61.pth'
)
peer_init = '${backbone_init}'

student = dict(backbone=dict(depth=50), head=dict(in_channels=2048))
