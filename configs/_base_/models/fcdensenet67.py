"""FC-DenseNet-67: 3.5 million parameters."""

_base_ = './fcdensenet57.py'

student = dict(backbone=dict(depth=67), decode_head=dict(in_channels=288))
