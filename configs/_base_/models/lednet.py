"""LEDNet, of which logits have an eighth of the input's sides; learns from scratch.

Expects ``seg_preprocessor`` and ``num_classes``. With
``lednet.decode_head.linear_levels=True`` logits may be negative.
"""

lednet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(type='ssltoolbox.LEDNet'),
    decode_head=dict(
        type='ssltoolbox.APNHead',
        linear_levels=False,
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
