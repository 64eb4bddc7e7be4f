"""ScarceNet on generated animals, 5 labelled images per species: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18_toy.py',
    '../_base_/datasets/toy_animals.py',
    '../_base_/schedules/scarcenet_toy.py',
    '../_base_/semi/scarcenet.py',
]
# small crops, coarse heatmaps
strong_view = dict(scale=0.25, rotation=20)
augment_box = [dict(type='ssltoolbox.RandomBoxShift', shift=0.2, prob=0.3)]
strong_augment = [dict(type='ssltoolbox.PoseRandAugment', hole_size=12)]
supervised_augment = '${strong_augment}'
refine_peaks = True
# short runs: every batch needs labels, and the teacher must not look back far
semi_ratio = (1, 3)
teacher = dict(decay=0.99, buffers='ema', mode='eval')
method = dict(
    teacher_sees_strong=False, labelled_weight=1.0, agreement=dict(mode='centered')
)
