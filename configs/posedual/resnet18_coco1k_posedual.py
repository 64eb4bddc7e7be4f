"""PoseDual, 1000 labelled persons of COCO."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18.py',
    '../_base_/datasets/coco_posedual.py',
    '../_base_/schedules/posedual.py',
    '../_base_/semi/posedual.py',
]
