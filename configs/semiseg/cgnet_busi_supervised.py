"""CGNet on the labels of BUSI."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/cgnet.py',
    '../_base_/datasets/busi.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/labels_alone.py',
]
student = '${cgnet}'
