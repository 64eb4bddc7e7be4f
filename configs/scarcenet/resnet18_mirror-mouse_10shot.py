"""ScarceNet on a mouse: 10 labelled frames, 50 more and a video without labels."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18_mouse.py',
    '../_base_/datasets/mirror_mouse.py',
    '../_base_/schedules/scarcenet_mouse.py',
    '../_base_/semi/scarcenet_small.py',
]
# a mirrored left paw would be a right one, and the camera does not turn
strong_view = dict(flip_prob=0.0, rotation=10, scale=0.15)
weak_view = dict(flip_prob=0.0, rotation=5)
augment_box = [dict(type='ssltoolbox.RandomBoxShift', shift=0.05)]
strong_augment = [dict(type='ssltoolbox.PoseRandAugment', hole_size=16)]
pseudo_label_job = dict(
    tta=dict(flip=False, rotation=10),
    dataset=dict(sources=dict(video='${video_set}')),
)
semi_sources = dict(video='${unlabelled_video}')
semi_ratio = (1, 1, 2)  # labelled, unlabelled, video
