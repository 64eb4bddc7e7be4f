"""PoseDual on generated persons, 80 labelled images: on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18_toy.py',
    '../_base_/datasets/toy_persons.py',
    '../_base_/schedules/posedual_toy.py',
    '../_base_/semi/posedual.py',
]
