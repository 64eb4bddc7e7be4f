"""FPENet, of which logits have half the input's sides; learns from scratch.

Expects ``seg_preprocessor`` and ``num_classes``.
"""

fpenet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(type='ssltoolbox.FPENet'),
    decode_head=dict(
        type='ssltoolbox.MEUHead',
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
