"""ScarceNet on generated animals: minutes on two CPU cores."""

_base_ = './scarcenet.py'

optim_wrapper = dict(optimizer=dict(lr=2e-3))
supervised_epochs = 40  # until the labels, not the iterations, are the limit
supervised_milestones = [32, 37]
supervised_batch_size = 16
supervised_epoch_length = 40
supervised_val_interval = 10
semi_epochs = 8
semi_batch_size = 16
auto_scale_lr = dict(base_batch_size=16)
semi_auto_scale_lr = dict(base_batch_size=16)
semi_val_interval = 2
watch_interval = 10
picture_interval = 100
semi_scheduler = [dict(type='MultiStepLR', milestones=[6], gamma=0.1)]
