"""Soft distillation: probabilities of base networks, not their classes, are learnt.

``base_1`` is trained on the labels; of every unlabelled image the mean softmax over
``members`` and ``views`` is stored; the student is trained anew on both. Expects
``network_1`` and ``student`` from the config, and what consistency.py does, of a
segmentation. More members: add stages like ``base_stage_1``, as model_distillation.py
does.
"""

_base_ = './consistency.py'

base_stage_1 = dict(
    model='${network_1}',
    train_dataloader='${supervised_loader}',
    train_cfg=dict(max_epochs='${supervised_epochs}'),
    param_scheduler='${supervised_scheduler}',
)
member_1 = dict(network='${network_1}', checkpoint='${base_1.best}', weight=1.0)
members = ['${member_1}']
views = ['flip_ud', 'flip_lr', 'rotate_180']  # and the unchanged image
annotation = dict(
    type='ssltoolbox.FusionJob',
    members='${members}',
    task='${task}',
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(unlabelled='${unlabelled}'),
        pipeline=['*${load}', '${view_set}'],
    ),
    batch_size='${batch_size}',
    num_workers='${num_workers}',
    soft=True,
)
view_set = dict(
    type='ssltoolbox.ViewSet', views='${views}', view='${plain_view}', pack='${pack}'
)

soft_task = dict(type='ssltoolbox.SegTask', match='kl')
method = dict(type='ssltoolbox.SoftDistillation')
soft_labelled = dict(
    type='ssltoolbox.StoredMapDataset',
    dataset='${unlabelled}',
    store='${annotate.store}',
)
semi_sources = dict(unlabelled='${soft_labelled}')
semi_pipeline = ['*${load}', dict(type='ssltoolbox.LoadPseudoMap'), '${branches}']
semi_stage = dict(model=dict(task='${soft_task}'))
stages = [
    dict(name='base_1', cfg='${base_stage_1}'),
    dict(name='annotate', job='${annotation}'),
    dict(name='semi', cfg='${semi_stage}'),
]
