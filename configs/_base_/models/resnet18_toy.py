"""A quarter-width ResNet-18 on 96 x 96 px crops, trained in minutes on a CPU."""

_base_ = './resnet18.py'

codec = dict(input_size=(96, 96), heatmap_size=(24, 24))
student = dict(
    backbone=dict(base_channels=16, stem_channels=16),
    head=dict(in_channels=128, deconv_out_channels=(32, 32, 32)),
    train_cfg=dict(compute_acc=False),
)
