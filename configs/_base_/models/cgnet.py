"""CGNet, of which logits have an eighth of the input's sides; learns from scratch.

Wu et al., arXiv 1811.08201. Expects ``seg_preprocessor`` and ``num_classes``.
"""

cgnet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(
        type='mmseg.CGNet',
        norm_cfg=dict(type='BN'),
        num_channels=(32, 64, 128),
        num_blocks=(3, 21),
        dilations=(2, 4),
        reductions=(8, 16),
    ),
    decode_head=dict(
        type='mmseg.FCNHead',
        in_channels=256,
        in_index=2,
        channels=256,
        num_convs=0,
        concat_input=False,
        dropout_ratio=0.1,
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        align_corners=True,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
