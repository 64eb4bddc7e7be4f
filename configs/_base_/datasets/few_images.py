"""The labelled and the unlabelled part of the images that a network is trained on.

Expects ``train_set``, ``val_set``, ``test_set``, ``labels`` and ``num_workers`` from
the data set.
"""

_base_ = './in_order.py'

labelled = dict(
    type='ssltoolbox.FewShotImageDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='labelled',
    forbidden='${evaluation_sets}',
)
unlabelled = dict(
    type='ssltoolbox.FewShotImageDataset',
    dataset='${train_set}',
    labels='${labels}',
    part='unlabelled',
    forbidden='${evaluation_sets}',
)
evaluation_sets = ['${val_set}', '${test_set}']
