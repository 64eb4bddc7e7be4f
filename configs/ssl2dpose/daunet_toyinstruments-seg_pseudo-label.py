"""Pseudo labels chosen by their likelihood, on the pixels of generated instruments."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_segmentation.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/pseudo_labelling.py',
]
label_filter = dict(
    _delete_=True,
    type='ssltoolbox.MaximumFilter',
    over='classes',
    intervals=[[0.97, None]],
)
init_student = '${supervised.best}'
