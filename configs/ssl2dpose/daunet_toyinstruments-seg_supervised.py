"""The labelled frames alone, on the classes of pixels of generated instruments."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_segmentation.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/labels_continued.py',
]
