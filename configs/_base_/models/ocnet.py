"""OCNet (base-OC) with ResNet-50; logits have a sixteenth of the input's sides.

Expects ``seg_preprocessor``, ``num_classes`` and ``backbone_init``.
"""

ocnet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(
        type='mmseg.ResNet',
        depth=50,
        strides=(1, 2, 2, 1),
        dilations=(1, 1, 1, 2),
        contract_dilation=True,  # the first block of the last stage is not dilated
        init_cfg='${backbone_init}',
    ),
    decode_head=dict(
        type='ssltoolbox.OCNetHead',
        in_channels=2048,
        norm_cfg=dict(type='BN'),
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        align_corners=True,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
