"""PoseDual with Joint Cutout on generated persons, 20 labelled images: on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18_toy.py',
    '../_base_/datasets/toy_persons.py',
    '../_base_/schedules/posedual_toy.py',
    '../_base_/semi/posedual.py',
]
cutout = dict(type='ssltoolbox.JointCutout', half_size=(5, 10), jitter=5)
