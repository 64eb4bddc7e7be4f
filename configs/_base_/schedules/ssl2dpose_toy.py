"""Methods of SSL-2D-Pose on generated scenes: minutes on two CPU cores."""

_base_ = './ssl2dpose.py'

epoch_length = 100
epochs = 8
batch_size = 6
semi_ratio = (1, 1)
ramp_length = 300
val_interval = 2
watch_interval = 20
picture_interval = 400
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = [dict(type='MultiStepLR', milestones=[6, 7], gamma=0.1)]
