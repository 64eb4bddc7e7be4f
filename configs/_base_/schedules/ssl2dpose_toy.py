"""Methods of SSL-2D-Pose on generated scenes: minutes on two CPU cores.

All go on from one network that was trained on the labels, so that what they add is not
lost in what the labels alone still teach.
"""

_base_ = './ssl2dpose.py'

epoch_length = 100
supervised_epochs = 10
supervised_scheduler = [dict(type='MultiStepLR', milestones=[8], gamma=0.3)]
epochs = 6
batch_size = 6
auto_scale_lr = dict(base_batch_size=6)
semi_ratio = (1, 1)
ramp_length = 200
val_interval = 2
watch_interval = 20
picture_interval = 200
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [dict(type='MultiStepLR', milestones=[4, 5], gamma=0.2)]
