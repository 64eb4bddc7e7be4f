"""HRNet-W48 on the labels of Kvasir-SEG."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/hrnet_w48.py',
    '../_base_/models/imagenet.py',
    '../_base_/datasets/kvasir_seg.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/labels_alone.py',
]
student = '${hrnet_w48}'
