"""Published schedule of the single network: SGD whose rate goes up and down.

An epoch has 2000 pairs, half a cycle of the rate 2000 iterations; the program counts
its epochs from 0 to 100, both included.
"""

epochs = 101
epoch_length = 250  # batches
batch_size = 8  # pairs
half_cycle = 2000  # iterations
val_interval = 1  # epochs
watch_interval = 50  # iterations
picture_interval = 1000

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9),
    clip_grad=dict(max_norm=10.0),
)
cycle = dict(
    type='ssltoolbox.CyclicLR',
    half_cycle='${half_cycle}',
    eta_min=1e-4,
    by_epoch=False,
)
param_scheduler = ['${cycle}']
auto_scale_lr = dict(base_batch_size=8)
train_cfg = dict(
    type='ssltoolbox.EpochTrainLoop',
    max_epochs='${epochs}',
    val_interval='${val_interval}',
)
val_cfg = dict()
test_cfg = dict()
