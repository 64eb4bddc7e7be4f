"""The network of daunet_toy.py with classes of pixels in place of maps of joints.

Types of mmseg are written ``mmseg.Name``: ``default_scope`` is mmpose.
"""

input_size = (80, 64)
student = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor=dict(
        type='mmseg.SegDataPreProcessor',
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
        size_divisor=1,  # views are of one size: nothing is padded
    ),
    backbone=dict(type='ssltoolbox.DAUNet', base_channels=16, dropout=0.1),
    decode_head=dict(
        type='mmseg.FCNHead',
        in_channels=16,
        in_index=2,  # the finest, of the size of the input
        channels=16,
        num_convs=0,  # one 1x1 convolution, as for joints
        concat_input=False,
        dropout_ratio=0,
        num_classes=3,
        align_corners=False,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
