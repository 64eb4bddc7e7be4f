"""PoseDual with Joint Cutout: MPII with labels, AI Challenger without."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-resnet18_256x256.py',
    '../_base_/datasets/mpii_aic.py',
    '../_base_/schedules/posedual.py',
    '../_base_/semi/posedual.py',
]
cutout = dict(type='ssltoolbox.JointCutout')
epochs = 100
milestones = [50, 70]
