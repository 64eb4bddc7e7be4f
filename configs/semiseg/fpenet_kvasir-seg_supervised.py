"""FPENet on the labels of Kvasir-SEG."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/fpenet.py',
    '../_base_/datasets/kvasir_seg.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/labels_alone.py',
]
student = '${fpenet}'
