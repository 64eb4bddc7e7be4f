"""PoseCons and PoseDual on generated persons: minutes on two CPU cores."""

_base_ = './posedual.py'

epochs = 50
milestones = [35, 45]
batch_size = 32
supervised_batch_size = 16
val_interval = 5
watch_interval = 10
picture_interval = 200
