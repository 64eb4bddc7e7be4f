"""FC-DenseNet-57: 1.4 million parameters, at the resolution of its input.

Height and width are multiples of 32. ``student.backbone.with_cp=True`` needs about a
quarter of the memory, and a fifth more time.
"""

student = dict(
    type='ssltoolbox.DepthEstimator',
    data_preprocessor='${depth_preprocessor}',
    backbone=dict(type='ssltoolbox.FCDenseNet', depth=57, with_cp=False),
    decode_head=dict(type='ssltoolbox.DepthHead', in_channels=192),
)
