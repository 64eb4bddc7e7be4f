"""Labels of MPII alone, as long as PoseDual with AI Challenger."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18_256x256.py',
    '../_base_/datasets/mpii_aic.py',
    '../_base_/schedules/posedual.py',
    '../_base_/semi/posedual_supervised.py',
]
epochs = 100
milestones = [50, 70]
