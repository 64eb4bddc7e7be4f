"""Published schedule of ScarceNet: Adam, 210 epochs supervised, 150 semi-supervised."""

# The original steps its scheduler before an epoch, so its milestones 170 and 200 act
# one epoch early; here the scheduler steps after an epoch.
supervised_epochs = 210
supervised_milestones = [169, 199]
supervised_batch_size = 64
supervised_epoch_length = None  # one pass over the labelled images
semi_epochs = 150
semi_lr = 1e-3
semi_batch_size = 32
semi_epoch_length = 'all'  # one pass over all images, labelled and unlabelled
supervised_val_interval = 1
semi_val_interval = 1
watch_interval = 50  # iterations between two looks at the pseudo labels
picture_interval = 1000
semi_scheduler = []  # its milestones lie beyond the last epoch: a constant rate

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
# batches that the rates belong to, for --auto-scale-lr
auto_scale_lr = dict(base_batch_size=64)
semi_auto_scale_lr = dict(base_batch_size=32)
val_cfg = dict()
test_cfg = dict()
