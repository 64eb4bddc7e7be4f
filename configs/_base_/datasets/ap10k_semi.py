"""AP-10K (Yu et al., 2021), or any data set in its layout.

``split`` chooses one of the three published divisions. ``labels`` lists the labelled
training images: the name of a shipped list, or a file of ``tools/make_split.py``.
``evaluation_species`` restricts validation and test to images that show one of them.
"""

data_root = 'data/ap10k'
split = 1
num_workers = 4
box_padding = 1.25  # side of the crop over side of the box
evaluation_species = []

train_set = dict(
    type='ssltoolbox.APTenKDataset',
    data_root='${data_root}',
    split='${split}',
    subset='train',
)
evaluation_files = [
    '${data_root}/annotations/ap10k-val-split${split}.json',
    '${data_root}/annotations/ap10k-test-split${split}.json',
]

eval_pipeline = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding='${box_padding}'),
    dict(type='TopdownAffine', input_size='${codec.input_size}'),
    dict(type='PackPoseInputs'),
]
val_dataloader = dict(
    batch_size=32,
    num_workers='${num_workers}',
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='ssltoolbox.APTenKDataset',
        data_root='${data_root}',
        split='${split}',
        subset='val',
        species='${evaluation_species}',
        test_mode=True,
        pipeline='${eval_pipeline}',
    ),
)
test_dataloader = dict(
    batch_size=32,
    num_workers='${num_workers}',
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='ssltoolbox.APTenKDataset',
        data_root='${data_root}',
        split='${split}',
        subset='test',
        species='${evaluation_species}',
        test_mode=True,
        pipeline='${eval_pipeline}',
    ),
)
val_evaluator = [
    dict(
        type='ssltoolbox.KeypointAPMetric',
        ann_file='${data_root}/annotations/ap10k-val-split${split}.json',
    ),
    dict(type='ssltoolbox.PCKMetric'),
]
test_evaluator = [
    dict(
        type='ssltoolbox.KeypointAPMetric',
        ann_file='${data_root}/annotations/ap10k-test-split${split}.json',
    ),
    dict(type='ssltoolbox.PCKMetric'),
]
metric = 'coco/AP'
select = '${metric}'
