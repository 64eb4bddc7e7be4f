"""HRNet-W48, of which logits have a quarter of the input's sides.

HRNetV2, Sun et al., arXiv 1904.04514. Expects ``seg_preprocessor``, ``num_classes`` and
``hrnet_init``. Semi-Seg's has 720 parameters more, biases in front of a norm, which
takes them away again.
"""

hrnet_w48 = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor='${seg_preprocessor}',
    backbone=dict(
        type='mmseg.HRNet',
        norm_cfg=dict(type='BN', momentum=0.01),
        norm_eval=False,
        extra=dict(
            stage1=dict(
                num_modules=1,
                num_branches=1,
                block='BOTTLENECK',
                num_blocks=(4,),
                num_channels=(64,),
            ),
            stage2=dict(
                num_modules=1,
                num_branches=2,
                block='BASIC',
                num_blocks=(4, 4),
                num_channels=(48, 96),
            ),
            stage3=dict(
                num_modules=4,
                num_branches=3,
                block='BASIC',
                num_blocks=(4, 4, 4),
                num_channels=(48, 96, 192),
            ),
            stage4=dict(
                num_modules=3,
                num_branches=4,
                block='BASIC',
                num_blocks=(4, 4, 4, 4),
                num_channels=(48, 96, 192, 384),
            ),
        ),
        init_cfg='${hrnet_init}',
    ),
    decode_head=dict(
        type='mmseg.FCNHead',
        in_channels=(48, 96, 192, 384),
        in_index=(0, 1, 2, 3),
        input_transform='resize_concat',
        channels=720,
        kernel_size=1,
        num_convs=1,
        concat_input=False,
        dropout_ratio=0,
        norm_cfg=dict(type='BN', momentum=0.01),
        num_classes='${num_classes}',
        out_channels='${num_classes}',
        align_corners=False,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
