"""MANet with ResNet-50; sides of the input: multiples of 32 px.

Expects ``seg_preprocessor``, ``num_classes`` and ``backbone_init``.
"""

manet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(type='ssltoolbox.StemResNet', depth=50, init_cfg='${backbone_init}'),
    decode_head=dict(
        type='ssltoolbox.MANetHead',
        in_channels=(64, 256, 512, 1024, 2048),
        norm_cfg=dict(type='BN'),
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        align_corners=True,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
