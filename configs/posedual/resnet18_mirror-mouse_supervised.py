"""10 labelled frames of a mouse alone, as long as PoseDual."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/resnet18_mouse.py',
    '../_base_/datasets/mirror_mouse_views.py',
    '../_base_/schedules/posedual_mouse.py',
    '../_base_/semi/posedual_supervised.py',
]
