"""Pseudo labels chosen by total variation, on EndoVis'15."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/daunet.py',
    '../_base_/datasets/endovis.py',
    '../_base_/schedules/ssl2dpose.py',
    '../_base_/semi/pseudo_labelling.py',
]
best = None  # the last checkpoint counts: there is no validation video
