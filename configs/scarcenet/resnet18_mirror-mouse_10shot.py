"""ScarceNet on a mouse: 10 labelled frames, 50 more and a video without labels."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18.py',
    '../_base_/datasets/mirror_mouse.py',
    '../_base_/schedules/scarcenet_toy.py',
    '../_base_/semi/scarcenet.py',
]
codec = dict(input_size=(256, 256), heatmap_size=(64, 64))
# a mirrored left paw would be a right one, and the camera does not turn
strong_view = dict(flip_prob=0.0, rotation=10)
weak_view = dict(flip_prob=0.0, rotation=5)
student = dict(test_cfg=dict(flip_test=False))
pseudo_label_job = dict(
    tta=dict(flip=False, rotation=10),
    dataset=dict(sources=dict(video='${video_set}')),
)
semi_stage = dict(
    train_dataloader=dict(dataset=dict(sources=dict(video='${unlabelled_video}')))
)
