"""FPENet on membranes in electron microscopy, taught by itself under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/em_membrane.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/data_distillation.py',
]
network_1 = '${fpenet}'
student = '${fpenet}'
