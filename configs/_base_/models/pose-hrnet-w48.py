"""HRNet-W48 with a plain heatmap head; 288 x 384 px, 24 joints.

As in PoseDual (Xie et al., ICCV 2021): both networks start from the same ImageNet
weights. ``backbone_init=None`` starts both from random ones.
"""

_base_ = './pose-hrnet-w32.py'

codec = dict(input_size=(288, 384), heatmap_size=(72, 96), sigma=3)
backbone_init = dict(
    _delete_=True,
    type='Pretrained',
    checkpoint=(
        'https://download.openmmlab.com/mmpose/pretrain_models/hrnet_w48-8ef0771d.pth'
    ),
)
peer_init = '${backbone_init}'

student = dict(
    backbone=dict(
        extra=dict(
            stage2=dict(num_channels=(48, 96)),
            stage3=dict(num_channels=(48, 96, 192)),
            stage4=dict(num_channels=(48, 96, 192, 384)),
        )
    ),
    head=dict(in_channels=48, out_channels=24),
    test_cfg=dict(flip_test=False),
)
