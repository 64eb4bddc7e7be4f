"""DAUNet, an attention U-Net: 320 x 256 px, 5 joints and 4 connections.

As published for EndoVis'15, where images of 720 x 576 px are shrunk by 2.25.
"""

codec = dict(
    type='ssltoolbox.JointConnectionMaps',
    input_size=(320, 256),
    heatmap_size=(320, 256),
    sigma=20 / 2.25,  # 20 px of the image; exp(-d^2 / sigma^2), without a factor of 2
    min_peak=(0.2, 0.1, 0.1, 0.1, 0.1),
    num_joints=5,
    connections=[(0, 2), (1, 2), (2, 3), (3, 4)],
)
student = dict(
    type='ssltoolbox.WholeImagePoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='ssltoolbox.DAUNet', base_channels=64, dropout=0.3),
    head=dict(
        type='ssltoolbox.JointConnectionHead',
        in_channels=64,
        out_channels=9,
        decoder='${codec}',
    ),
)
