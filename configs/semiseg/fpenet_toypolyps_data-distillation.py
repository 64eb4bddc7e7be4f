"""FPENet on generated polyps, taught by itself under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/toy_polyps.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/data_distillation.py',
]
network_1 = '${fpenet}'
student = '${fpenet}'
