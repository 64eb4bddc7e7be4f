"""PoseDual of two HRNet-W48: 8 labelled and 8 unlabelled persons per GPU."""

_base_ = './posedual.py'

epochs = 300
milestones = [220, 260]
batch_size = 16
supervised_batch_size = 8
auto_scale_lr = dict(base_batch_size=16)
supervised_auto_scale_lr = dict(base_batch_size=8)
