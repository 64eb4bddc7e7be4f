"""Labels alone, for as many iterations as ScarceNet: the baseline of every table.

Stands beside a ScarceNet config, whose ``supervised`` stage it goes on with: the same
labels, augmentation, batches and learning rates as its ``semi`` stage, but no
unlabelled image. The number of iterations is equal by construction, whatever the data
set, since the batches of an epoch are counted over all images.
"""

continued_sources = dict(labelled='${labelled}', undrawn='${undrawn}')
continued_ratio = (1, 0)  # nothing is drawn from the second source
undrawn = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
)
continued_pipeline = [
    '*${load_instance}',
    '*${augment_box}',
    '${strong_view}',
    '*${strong_augment}',
    dict(type='GenerateTarget', encoder='${codec}'),
    '${pack}',
]
continued_stage = dict(
    model='${student}',
    load_from='${supervised.best}',
    train_dataloader=dict(
        batch_size='${semi_batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${semi_batch_size}',
            ratio='${continued_ratio}',
            epoch_length='${semi_epoch_length}',
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources='${continued_sources}',
            pipeline='${continued_pipeline}',
        ),
    ),
    optim_wrapper=dict(optimizer=dict(lr='${semi_lr}')),
    auto_scale_lr='${semi_auto_scale_lr}',
    train_cfg=dict(
        type='ssltoolbox.EpochTrainLoop',
        max_epochs='${semi_epochs}',
        val_interval='${semi_val_interval}',
    ),
    param_scheduler='${semi_scheduler}',
)
