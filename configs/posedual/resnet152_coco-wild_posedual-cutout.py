"""PoseDual of two PoseResNet-152: all labels of COCO, and unknown people."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet152.py',
    '../_base_/datasets/coco_wild.py',
    '../_base_/schedules/posedual_wild.py',
    '../_base_/semi/posedual.py',
]
cutout = dict(type='ssltoolbox.JointCutout')
