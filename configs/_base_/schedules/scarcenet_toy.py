"""ScarceNet on generated animals: minutes on two CPU cores."""

_base_ = './scarcenet.py'

supervised_epochs = 300
supervised_milestones = [240, 285]
supervised_batch_size = 16
supervised_val_interval = 60
semi_epochs = 25
semi_batch_size = 16
semi_val_interval = 5
semi_scheduler = [dict(type='MultiStepLR', milestones=[20], gamma=0.1)]
