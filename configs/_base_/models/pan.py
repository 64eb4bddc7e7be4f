"""PAN with ResNet-50; sides of the input: multiples of 16 px, at least 128 px.

Expects ``seg_preprocessor``, ``num_classes`` and ``backbone_init``.
"""

pan = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(
        type='mmseg.ResNet',
        depth=50,
        strides=(1, 2, 2, 1),
        dilations=(1, 1, 1, 2),
        init_cfg='${backbone_init}',
    ),
    decode_head=dict(
        type='ssltoolbox.PANHead',
        in_channels=(256, 512, 1024, 2048),
        norm_cfg=dict(type='BN'),
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        align_corners=True,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
