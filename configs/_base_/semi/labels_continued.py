"""Baseline of methods that go on from a supervised stage: so does it, on labels alone.

The second stage takes as many iterations as theirs.
"""

_base_ = './supervised_stage.py'
continued_stage = dict(
    model='${student}',
    load_from='${supervised.best}',
    train_dataloader='${supervised_loader}',
)
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='continued', cfg='${continued_stage}'),
]
