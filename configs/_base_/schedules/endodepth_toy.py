"""One network on generated tubes: minutes on one CPU core."""

_base_ = './endodepth.py'

epochs = 12
epoch_length = 40
batch_size = 4
auto_scale_lr = dict(base_batch_size=4)
half_cycle = 120
val_interval = 2
watch_interval = 20
picture_interval = 200
