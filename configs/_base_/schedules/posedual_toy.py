"""PoseCons and PoseDual on generated persons: the published epochs, on a CPU."""

_base_ = './posedual.py'

batch_size = 32
supervised_batch_size = 16
auto_scale_lr = dict(base_batch_size=32)
supervised_auto_scale_lr = dict(base_batch_size=16)
val_interval = 5
watch_interval = 10
picture_interval = 200
