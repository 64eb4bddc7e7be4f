"""PoseResNet-18, 256 x 256 px; both networks from the same weights, as published."""

_base_ = './pose-resnet18.py'

codec = dict(input_size=(256, 256), heatmap_size=(64, 64))
peer_init = '${backbone_init}'
