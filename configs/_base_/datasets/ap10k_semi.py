"""AP-10K (Yu et al., 2021), or any data set in its layout.

``split`` chooses one of the three published divisions. ``labels`` lists the labelled
training images: the name of a shipped list, or a file of ``tools/make_split.py``.
``evaluation_species`` restricts validation and test to images that show one of them.
"""

_base_ = './evaluation.py'

data_root = 'data/ap10k'
split = 1
num_workers = 4
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

val_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.APTenKDataset',
        data_root='${data_root}',
        split='${split}',
        subset='val',
        species='${evaluation_species}',
    ),
)
test_dataloader = dict(
    dataset=dict(
        type='ssltoolbox.APTenKDataset',
        data_root='${data_root}',
        split='${split}',
        subset='test',
        species='${evaluation_species}',
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
