"""The teacher of endoscopic depth: a U-Net of 8.7 million parameters, without norms.

Height and width are multiples of 64.
"""

teacher_network = dict(
    type='ssltoolbox.DepthEstimator',
    data_preprocessor='${depth_preprocessor}',
    backbone=dict(type='ssltoolbox.DepthUNet', depth=7, base_channels=8),
    decode_head=dict(type='ssltoolbox.DepthHead', in_channels=8),
)
