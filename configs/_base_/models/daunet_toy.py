"""A quarter-width DAUNet on 80 x 64 px, trained in minutes on a CPU."""

_base_ = './daunet.py'

codec = dict(input_size=(80, 64), heatmap_size=(80, 64), sigma=20 / 9)
student = dict(backbone=dict(base_channels=16, dropout=0.1), head=dict(in_channels=16))
