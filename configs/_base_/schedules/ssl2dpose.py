"""Published schedule of SSL-2D-Pose: Adam at 1e-3 for 50,000 iterations.

Each batch holds 4 labelled images and 1 without a label; a supervised batch, whose
images all have labels, is as large. An epoch is a number of iterations: the published
program knows no other.
"""

epoch_length = 500  # iterations
epochs = 100
supervised_epochs = '${epochs}'
supervised_scheduler = []
batch_size = 5
semi_ratio = (4, 1)  # labelled, unlabelled
ramp_length = 20000  # iterations until a consistency loss has its weight
val_interval = 5  # epochs
watch_interval = 50  # iterations between two looks at what the network is taught
picture_interval = 1000

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = []  # a constant rate
auto_scale_lr = dict(base_batch_size=5)
train_cfg = dict(
    type='ssltoolbox.EpochTrainLoop',
    max_epochs='${epochs}',
    val_interval='${val_interval}',
)
val_cfg = dict()
test_cfg = dict()
