"""What all distillations share: fused pseudo labels on disk, and a target network.

Base networks are trained on the labels. Of every unlabelled image the softmax of all
``members`` and all ``views`` is averaged, and the likeliest classes are stored. The
target network, ``student``, is trained anew on labelled and pseudo-labelled images,
shuffled together.

Expects ``student`` and ``network_1`` ... from the config, the views and parts of
``datasets/seg_views.py``, and the lengths of a schedule. A method says what
``members``, ``views`` and ``stages`` are.
"""

_base_ = './supervised_stage.py'

base_stage_1 = dict(
    model='${network_1}',
    train_dataloader='${supervised_loader}',
    train_cfg=dict(max_epochs='${supervised_epochs}'),
    param_scheduler='${supervised_scheduler}',
)
member_1 = dict(
    network='${network_1}',
    checkpoint='${base_1.best}',
    weight=1.0,  # '${base_1.score}': its validation score
)
annotation = dict(
    type='ssltoolbox.FusionJob',
    members='${members}',
    task='${task}',
    dataset='${annotated_images}',
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    threshold=0,  # least confidence of a pixel; others are ignored
    max_disagreement=None,  # largest share of disputed pixels of an image
)
annotated_images = dict(
    type='ssltoolbox.MultiSourceDataset',
    sources=dict(unlabelled='${unlabelled}'),
    pipeline=['*${load}', '${view_set}'],
)
view_set = dict(
    type='ssltoolbox.ViewSet', views='${views}', view='${plain_view}', pack='${pack}'
)
pseudo_labelled = dict(
    type='ssltoolbox.StoredMaskDataset',
    dataset='${unlabelled}',
    store='${annotate.store}',
)
target_sources = dict(labelled='${labelled}', pseudo='${pseudo_labelled}')
target_ratio = None  # one shuffle over both; (1, 1): as many of each in every batch
target_stage = dict(
    model='${student}',
    train_dataloader=dict(
        batch_size='${batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${batch_size}',
            ratio='${target_ratio}',
            epoch_length='${epoch_length}',
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources='${target_sources}',
            pipeline=['*${load}', '*${train_view}', '*${make_target}', '${pack}'],
        ),
    ),
)
