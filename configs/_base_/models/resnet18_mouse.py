"""A quarter-width ResNet-18 on 192 x 192 px images that may not be mirrored."""

_base_ = './resnet18_toy.py'

codec = dict(input_size=(192, 192), heatmap_size=(48, 48))
student = dict(test_cfg=dict(flip_test=False))
