"""ScarceNet on generated animals: minutes on two CPU cores."""

_base_ = './scarcenet.py'

optim_wrapper = dict(optimizer=dict(lr=2e-3))
supervised_epochs = 20
supervised_milestones = [16, 19]
supervised_batch_size = 16
supervised_epoch_length = 40
supervised_val_interval = 4
semi_epochs = 24
semi_batch_size = 16
semi_val_interval = 4
watch_interval = 10
picture_interval = 100
semi_scheduler = [dict(type='MultiStepLR', milestones=[20], gamma=0.1)]
