"""The labelled frames alone, on generated instruments: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_pose.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/labels_continued.py',
]
