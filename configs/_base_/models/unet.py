"""Plain U-Net, of which logits have the input's size; learns from scratch.

Expects ``seg_preprocessor`` and ``num_classes``.
"""

unet = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(type='ssltoolbox.PlainUNet'),
    decode_head=dict(
        type='mmseg.FCNHead',
        in_channels=64,
        channels=64,
        num_convs=0,
        concat_input=False,
        dropout_ratio=0,
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
