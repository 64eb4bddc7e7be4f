"""ScarceNet on the mouse: minutes on two CPU cores."""

_base_ = './scarcenet_toy.py'

supervised_epochs = 20
supervised_milestones = [16, 18]
supervised_val_interval = 5
semi_epochs = 50
semi_val_interval = 10
semi_scheduler = [dict(type='MultiStepLR', milestones=[40], gamma=0.1)]
