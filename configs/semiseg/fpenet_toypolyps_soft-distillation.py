"""FPENet on generated polyps, taught by its own probabilities under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/toy_polyps.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/soft_distillation.py',
]
network_1 = '${fpenet}'
student = '${fpenet}'
