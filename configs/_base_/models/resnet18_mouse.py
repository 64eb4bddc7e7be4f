"""A quarter-width ResNet-18 on 128 x 128 px images that may not be mirrored."""

_base_ = './resnet18_toy.py'

codec = dict(input_size=(128, 128), heatmap_size=(64, 64))
student = dict(test_cfg=dict(flip_test=False))
