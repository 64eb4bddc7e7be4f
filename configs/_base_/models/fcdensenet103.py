"""FC-DenseNet-103: 9.3 million parameters."""

_base_ = './fcdensenet57.py'

student = dict(backbone=dict(depth=103), decode_head=dict(in_channels=256))
