"""A second round of any distillation: the target labels the images for its successor.

Beside a config of a distillation, which then says in ``stages`` that ``annotate_2`` and
``target_2`` follow.
"""

annotation_2 = dict(
    type='ssltoolbox.FusionJob',
    members=[dict(network='${student}', checkpoint='${target.best}', weight=1.0)],
    task='${task}',
    dataset='${annotated_images}',
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    threshold='${annotation.threshold}',
    max_disagreement='${annotation.max_disagreement}',
)
pseudo_labelled_2 = dict(
    type='ssltoolbox.StoredMaskDataset',
    dataset='${unlabelled}',
    store='${annotate_2.store}',
)
target_stage_2 = dict(
    model='${student}',
    train_dataloader=dict(
        batch_size='${batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        sampler='${target_stage.train_dataloader.sampler}',
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources=dict(labelled='${labelled}', pseudo='${pseudo_labelled_2}'),
            pipeline=['*${load}', '*${train_view}', '*${make_target}', '${pack}'],
        ),
    ),
)
