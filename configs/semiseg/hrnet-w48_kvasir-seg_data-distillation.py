"""HRNet-W48 on Kvasir-SEG, taught by itself under flips."""

_base_ = [
    '../_base_/semiseg_runtime.py',
    '../_base_/models/hrnet_w48.py',
    '../_base_/models/imagenet.py',
    '../_base_/datasets/kvasir_seg.py',
    '../_base_/schedules/semiseg.py',
    '../_base_/semi/data_distillation.py',
]
network_1 = '${hrnet_w48}'
student = '${hrnet_w48}'
