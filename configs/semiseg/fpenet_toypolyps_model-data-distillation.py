"""FPENet on generated polyps, taught by three networks under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/light_bases.py',
    '../_base_/datasets/toy_polyps.py',
    '../_base_/schedules/semiseg_toy.py',
    '../_base_/semi/model_data_distillation.py',
]
student = '${fpenet}'
