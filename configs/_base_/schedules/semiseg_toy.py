"""Semi-Seg on generated images: minutes on one CPU core.

All trainings make the same 240 iterations, supervised ones and those of each stage.
"""

_base_ = './semiseg.py'

epochs = 6
epoch_length = 40
batch_size = 4
auto_scale_lr = dict(base_batch_size=4)
ramp_length = 100
val_interval = 2
patience = '${epochs}'  # never stops early
watch_interval = 20
picture_interval = 160
optim_wrapper = dict(optimizer=dict(lr=3e-3))
