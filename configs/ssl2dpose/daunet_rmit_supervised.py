"""All labelled frames, on RMIT."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/daunet_rmit.py',
    '../_base_/datasets/rmit.py',
    '../_base_/schedules/ssl2dpose.py',
    '../_base_/semi/labels_alone.py',
]
