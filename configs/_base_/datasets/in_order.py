"""Validation and test: every sample once, in its order.

Expects ``val_set``, ``test_set`` and ``num_workers`` from the data set.
"""

in_order = dict(
    batch_size=8,
    num_workers='${num_workers}',
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
)
val_dataloader = dict(**in_order, dataset='${val_set}')
test_dataloader = dict(**in_order, dataset='${test_set}')
del in_order
