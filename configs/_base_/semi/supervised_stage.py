"""The upstream network itself on the labelled images of a task, with its views."""

supervised_loader = dict(
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    persistent_workers=True,
    sampler=dict(
        type='ssltoolbox.MultiSourceSampler',
        batch_size='${batch_size}',
        epoch_length='${epoch_length}',
    ),
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(labelled='${labelled}'),
        pipeline=['*${load}', '*${train_view}', '*${make_target}', '${pack}'],
    ),
)
supervised_stage = dict(
    model='${student}',
    train_dataloader='${supervised_loader}',
    train_cfg=dict(max_epochs='${supervised_epochs}'),
    param_scheduler='${supervised_scheduler}',
)
