"""ScarceNet on the mouse: minutes on two CPU cores."""

_base_ = './scarcenet_toy.py'

supervised_epochs = 15
supervised_milestones = [12, 14]
supervised_val_interval = 5
semi_epochs = 16
semi_scheduler = [dict(type='MultiStepLR', milestones=[12], gamma=0.1)]
