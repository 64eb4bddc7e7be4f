"""The running average of one network, on generated tubes: on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fcdensenet_toy.py',
    '../_base_/datasets/toy_tubes.py',
    '../_base_/schedules/endodepth_toy.py',
    '../_base_/semi/sfm_average.py',
]
consistency = dict(length=4)
teacher = dict(decay=0.98)
