"""One network, taught by structure from motion, on generated tubes: on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fcdensenet_toy.py',
    '../_base_/datasets/toy_tubes.py',
    '../_base_/schedules/endodepth_toy.py',
    '../_base_/semi/sfm_supervision.py',
]
consistency = dict(length=4)
