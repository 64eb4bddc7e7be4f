"""HRNet-W48, all labels of COCO, as long as PoseDual."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-hrnet-w48.py',
    '../_base_/datasets/coco_wild.py',
    '../_base_/schedules/posedual_wild_hrnet.py',
    '../_base_/semi/posedual_supervised.py',
]
