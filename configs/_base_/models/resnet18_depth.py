"""Backbone and decode head of mmseg in place of the dense network.

Any of them will do that gives one map: ``num_classes=1``. ``backbone_init =
dict(type='Pretrained', checkpoint='torchvision://resnet18')`` starts from ImageNet.
"""

backbone_init = None
student = dict(
    type='ssltoolbox.DepthEstimator',
    data_preprocessor='${depth_preprocessor}',
    backbone=dict(type='mmseg.ResNet', depth=18, init_cfg='${backbone_init}'),
    decode_head=dict(
        type='mmseg.SegformerHead',
        in_channels=[64, 128, 256, 512],
        in_index=[0, 1, 2, 3],
        channels=128,
        dropout_ratio=0,
        num_classes=1,
        threshold=0.5,  # of classes; not read here, but mmseg warns without it
        norm_cfg=dict(type='BN'),
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),  # not read either
    ),
    activation='softplus',  # maps of the head begin near 0, where 'abs' has no slope
)
