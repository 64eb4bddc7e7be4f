"""ScarceNet on generated animals, 5 labelled images per species: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18.py',
    '../_base_/datasets/toy_animals.py',
    '../_base_/schedules/scarcenet_toy.py',
    '../_base_/semi/scarcenet.py',
]
codec = dict(input_size=(96, 96), heatmap_size=(24, 24))
student = dict(
    backbone=dict(base_channels=16, stem_channels=16),
    head=dict(in_channels=128, deconv_out_channels=(32, 32, 32)),
    train_cfg=dict(compute_acc=False),
)
strong_view = dict(scale=0.25, rotation=20)
augment_box = [dict(type='ssltoolbox.RandomBoxShift', shift=0.2, prob=0.3)]
strong_augment = [dict(type='ssltoolbox.PoseRandAugment', hole_size=12)]
# short runs: every batch needs labels, and the teacher must not look back far
semi_ratio = (1, 3)
teacher = dict(decay=0.99, buffers='ema', mode='eval')
method = dict(teacher_sees_strong=False)
