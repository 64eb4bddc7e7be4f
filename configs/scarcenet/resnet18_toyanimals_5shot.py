"""ScarceNet on generated animals, 5 labelled images per species: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18.py',
    '../_base_/datasets/toy_animals.py',
    '../_base_/schedules/scarcenet_toy.py',
    '../_base_/semi/scarcenet.py',
]
student = dict(
    backbone=dict(base_channels=32, stem_channels=32), head=dict(in_channels=256)
)
