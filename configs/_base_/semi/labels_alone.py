"""Labels alone, for as many iterations as the methods: the baseline of every table.

The upstream network itself, with the batches and views of its task's base config.
"""

supervised_stage = dict(
    model='${student}',
    train_dataloader=dict(
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
    ),
)
stages = [dict(name='supervised', cfg='${supervised_stage}')]
