"""Published schedule of PoseCons and PoseDual; an epoch is a pass over the unlabelled.

Adam without weight decay; 32 labelled and 32 unlabelled persons per GPU. The published
rate does not grow with the number of GPUs.
"""

epochs = 30
milestones = [20, 25]
batch_size = 64  # half of them labelled; a supervised batch is the labelled half
supervised_batch_size = 32
val_interval = 1
watch_interval = 50  # iterations between two looks at what the networks are taught
picture_interval = 1000

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = [dict(type='MultiStepLR', milestones='${milestones}', gamma=0.1)]
# batches that the rates belong to, for --auto-scale-lr
auto_scale_lr = dict(base_batch_size=64)
supervised_auto_scale_lr = dict(base_batch_size=32)
train_cfg = dict(
    type='ssltoolbox.EpochTrainLoop',
    max_epochs='${epochs}',
    val_interval='${val_interval}',
)
val_cfg = dict()
test_cfg = dict()
