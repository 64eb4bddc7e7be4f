"""MANet on the labels of BUSI."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/manet.py',
    '../_base_/models/imagenet.py',
    '../_base_/datasets/busi.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/labels_alone.py',
]
student = '${manet}'
