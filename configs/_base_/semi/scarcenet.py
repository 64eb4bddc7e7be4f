"""ScarceNet in three stages: supervised, pseudo labels, semi-supervised.

Expects ``student`` and ``codec`` (models), ``train_set`` and ``labels`` (data set) and
the schedule's epochs and batch sizes from the other base configs.
"""

_base_ = './semi_stage.py'

semi_ratio = None  # one shuffle over labelled and unlabelled; (1, 3): exact shares
drop_share = 0.4  # share of the pseudo labels that are not used
refine_peaks = False  # published: whole cells of the heatmap
supervised_augment = []  # of the first stage: none in the paper
strong_augment = [dict(type='ssltoolbox.PoseRandAugment')]

load_instance = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding='${box_padding}'),
]
augment_box = [
    dict(type='ssltoolbox.RandomBoxShift', shift=0.2, prob=0.3),
    dict(type='ssltoolbox.RandomHalfBody', prob=0.3),
]
strong_view = dict(
    type='ssltoolbox.RandomView',
    input_size='${codec.input_size}',
    scale=0.5,
    rotation=40,
    rotation_prob=0.6,
    flip_prob=0.5,
)
weak_view = dict(
    type='ssltoolbox.RandomView',
    input_size='${codec.input_size}',
    scale=0.1,
    rotation=20,
    rotation_prob=0.6,
    flip_prob=0.5,
)
plain_view = dict(type='ssltoolbox.CropView', input_size='${codec.input_size}')
pack = dict(type='ssltoolbox.PackPoseView')

supervised_pipeline = [
    '*${load_instance}',
    '*${augment_box}',
    '${strong_view}',
    '*${supervised_augment}',
    dict(type='GenerateTarget', encoder='${codec}'),
    '${pack}',
]
semi_pipeline = [
    '*${load_instance}',
    '*${augment_box}',
    dict(
        type='ssltoolbox.Branches',
        strong=['${strong_view}', '*${strong_augment}', '${pack}'],
        weak=['${weak_view}', '${pack}'],
        plain=['${plain_view}', '${pack}'],
    ),
]

labelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='labelled',
    forbidden='${evaluation_files}',
)
unlabelled = dict(
    type='ssltoolbox.FewShotPoseDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
    forbidden='${evaluation_files}',
    pseudo_labels='${pseudo_label.store}',
    drop_share='${drop_share}',
)
method = dict(
    type='ssltoolbox.ScarceNet',
    small_loss=dict(type='ssltoolbox.SmallLossFilter', among='all'),
    keep_rate=dict(
        type='ssltoolbox.CosineRamp', start=1.0, end=0.0, length=30, min_value=0.8
    ),
    agreement=dict(type='ssltoolbox.AgreementFilter', max_dist=0.6, mode='legacy'),
    consistency=dict(type='ssltoolbox.SigmoidRamp', end=2.0, length=10),
    labelled_weight=2.0,
)
teacher = dict(type='ssltoolbox.EMATeacher', decay=0.999, buffers='own', mode='train')

supervised_stage = dict(
    model='${student}',
    train_dataloader=dict(
        batch_size='${supervised_batch_size}',
        num_workers='${num_workers}',
        persistent_workers=True,
        sampler=dict(
            type='ssltoolbox.MultiSourceSampler',
            batch_size='${supervised_batch_size}',
            drop_last=False,
            epoch_length='${supervised_epoch_length}',
        ),
        dataset=dict(
            type='ssltoolbox.MultiSourceDataset',
            sources=dict(labelled='${labelled}'),
            pipeline='${supervised_pipeline}',
        ),
    ),
    train_cfg=dict(
        type='ssltoolbox.EpochTrainLoop',
        max_epochs='${supervised_epochs}',
        val_interval='${supervised_val_interval}',
    ),
    param_scheduler=[
        dict(type='MultiStepLR', milestones='${supervised_milestones}', gamma=0.1)
    ],
)
pseudo_label_job = dict(
    type='ssltoolbox.PosePseudoLabelJob',
    network='${student}',
    checkpoint='${supervised.best}',
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(train='${train_set}'),
        pipeline=['*${load_instance}', '${plain_view}', '${pack}'],
    ),
    tta=dict(type='ssltoolbox.PoseTTA', num_transforms=5, scale=0.25, rotation=30),
    refine='${refine_peaks}',
    batch_size=32,
    num_workers='${num_workers}',
)
task = dict(type='ssltoolbox.PoseTask', refine='${refine_peaks}')
semi_sources = dict(labelled='${labelled}', unlabelled='${unlabelled}')
best = ['teacher/${metric}', 'student/${metric}']
semi_loader = dict(
    batch_size='${semi_batch_size}',
    sampler=dict(
        batch_size='${semi_batch_size}',
        ratio='${semi_ratio}',
        epoch_length='${semi_epoch_length}',
    ),
    dataset=dict(pipeline='${semi_pipeline}'),
)
semi_stage = dict(
    model=dict(teacher='${teacher}', init_student='${supervised.best}'),
    optim_wrapper=dict(optimizer=dict(lr='${semi_lr}')),
    auto_scale_lr='${semi_auto_scale_lr}',
    train_cfg=dict(
        type='ssltoolbox.EpochTrainLoop',
        max_epochs='${semi_epochs}',
        val_interval='${semi_val_interval}',
    ),
    param_scheduler='${semi_scheduler}',
)
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='pseudo_label', job='${pseudo_label_job}'),
    dict(name='semi', cfg='${semi_stage}'),
]
