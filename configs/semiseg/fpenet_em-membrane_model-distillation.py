"""FPENet on membranes in electron microscopy, taught by three networks."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/light_bases.py',
    '../_base_/datasets/em_membrane.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/model_distillation.py',
]
student = '${fpenet}'
