"""Pseudo labels chosen by total variation, on generated instruments: on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_pose.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/pseudo_labelling.py',
]
init_student = '${supervised.best}'
