"""DAUNet for RMIT: 384 x 288 px, 4 points of one instrument, no connections."""

_base_ = './daunet.py'

codec = dict(
    input_size=(384, 288),
    heatmap_size=(384, 288),
    sigma=12.0,  # 20 px of an image of 640 x 480 px
    blur_size=5,
    min_peak=0.1,
    num_joints=4,
    connections=[],
)
student = dict(backbone=dict(dropout=0.1), head=dict(out_channels=4))
