"""FPENet on membranes in electron microscopy, on the labels alone."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/em_membrane.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/labels_alone.py',
]
student = '${fpenet}'
