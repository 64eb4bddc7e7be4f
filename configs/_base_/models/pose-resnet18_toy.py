"""The quarter-width ResNet-18 of the toy experiments on persons, 96 x 128 px."""

_base_ = './resnet18_toy.py'

codec = dict(input_size=(96, 128), heatmap_size=(48, 64))
peer_init = '${backbone_init}'
