"""Published schedule of Semi-Seg: one cycle of AdamW over 20 epochs of 32 images.

The rate rises for a quarter of the iterations from 4e-5 to 1e-3 and falls to 1e-8,
while beta 1 falls from 0.95 to 0.85 and rises again. The network that validates best is
kept, and five validations without a better one end the training. The published program
trains two epochs in a cycle of their own before: see semiseg_two-cycles.py. Its methods
are all offline; ``semi_ratio``, ``ramp_length`` and the intervals are for others.

Expects ``select`` from the data set; configs/_base_/semiseg_runtime.py stops by
``early_stopping``.
"""

epochs = 20
supervised_epochs = '${epochs}'
epoch_length = None  # batches; a pass over the images, without the last incomplete one
batch_size = 32
semi_ratio = (1, 1)  # labelled, unlabelled, for methods that see both at once
ramp_length = 1000  # iterations until a consistency loss has its weight
val_interval = 1  # epochs
patience = 5  # validations
watch_interval = 50  # iterations between two looks at what the network is taught
picture_interval = 1000

optim_wrapper = dict(
    type='OptimWrapper',
    # the peak of the cycle; weight decay is decoupled, as in the published program
    optimizer=dict(
        type='AdamW', lr=1e-3, betas=(0.95, 0.99), eps=1e-5, weight_decay=0.01
    ),
    paramwise_cfg=dict(norm_decay_mult=0, bias_decay_mult=0),
)
cycles = [
    dict(type='ssltoolbox.OneCycleLR', by_epoch=False),
    dict(type='ssltoolbox.OneCycleMomentum', by_epoch=False),
]
param_scheduler = '${cycles}'
supervised_scheduler = '${cycles}'
early_stopping = dict(
    type='ssltoolbox.EarlyStoppingHook', monitor='${select}', patience='${patience}'
)
auto_scale_lr = dict(base_batch_size=32)
train_cfg = dict(
    type='ssltoolbox.EpochTrainLoop',
    max_epochs='${epochs}',
    val_interval='${val_interval}',
)
val_cfg = dict()
test_cfg = dict()
