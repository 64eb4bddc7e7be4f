"""A deeper network, taught by structure from motion."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fcdensenet103.py',
    '../_base_/datasets/endoscopy_sfm.py',
    '../_base_/schedules/endodepth.py',
    '../_base_/semi/sfm_supervision.py',
]
best = None  # one patient: nothing is chosen on its test frames
