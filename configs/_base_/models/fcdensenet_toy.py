"""A dense network that halves its input three times, trained in minutes on a CPU."""

_base_ = './fcdensenet57.py'

student = dict(
    backbone=dict(
        depth=None,
        down_layers=(3, 3, 3),
        middle_layers=3,
        growth=8,
        first_channels=16,
    ),
    decode_head=dict(in_channels=88),
)
