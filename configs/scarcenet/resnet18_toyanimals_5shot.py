"""ScarceNet on generated animals, 5 labelled images per species: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18_toy.py',
    '../_base_/datasets/toy_animals.py',
    '../_base_/schedules/scarcenet_toy.py',
    '../_base_/semi/scarcenet_small.py',
]
strong_view = dict(scale=0.25, rotation=20)
augment_box = [dict(type='ssltoolbox.RandomBoxShift', shift=0.2, prob=0.3)]
strong_augment = [dict(type='ssltoolbox.PoseRandAugment', hole_size=12)]
semi_ratio = (1, 3)  # every batch has labels
label_curve = dict(against='resnet18_toyanimals_5shot_supervised.py')
