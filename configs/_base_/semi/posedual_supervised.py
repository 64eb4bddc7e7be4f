"""Labels alone, for as many iterations as PoseDual: the baseline of every table.

One network, the labelled half of a batch, the same easy views. The unlabelled set is
only counted, since an epoch is as long as a pass over it.
"""

supervised_views = [
    '*${load_person}',
    '${easy_view}',
    dict(type='GenerateTarget', encoder='${codec}'),
    '${pack}',
]
supervised_stage = dict(
    model='${student}',
    auto_scale_lr='${supervised_auto_scale_lr}',
    train_dataloader=dict(
        batch_size='${supervised_batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${supervised_batch_size}',
            ratio=(1, 0),
            epoch_length='longest',
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources=dict(labelled='${labelled}', undrawn='${unlabelled}'),
            pipeline='${supervised_views}',
        ),
    ),
)
stages = [dict(name='supervised', cfg='${supervised_stage}')]
