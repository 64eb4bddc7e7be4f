"""A quarter-width ResNet-18 on 96 x 96 px crops, trained in minutes on a CPU.

Its last stage keeps the resolution, and heatmaps have half that of the crop: on 3 x 3
features and 24 cells a side, places are too coarse to learn from.
"""

_base_ = './resnet18.py'

codec = dict(input_size=(96, 96), heatmap_size=(48, 48))
student = dict(
    backbone=dict(base_channels=16, stem_channels=16, strides=(1, 2, 2, 1)),
    head=dict(in_channels=128, deconv_out_channels=(32, 32, 32)),
    train_cfg=dict(compute_acc=False),
)
