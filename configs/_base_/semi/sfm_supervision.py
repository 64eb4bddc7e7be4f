"""Pairs of frames with structure from motion teach one network.

Expects ``student`` (model), ``train_set``, ``task`` and ``metric`` (data set), epochs,
batches and intervals (schedule) from the other base configs.
"""

_base_ = './semi_stage.py'

best = 'student/${metric}'
select_rule = 'less'  # an error: the least is the best
watched_metric = None
consistency = dict(type='ssltoolbox.StepRamp', start=0.1, end=5.0, length=21)
method = dict(
    type='ssltoolbox.SfmSupervision',
    flow_weight=20.0,
    consistency='${consistency}',
)
semi_sources = dict(frames='${train_set}')
semi_loader = dict(sampler=dict(epoch_length='${epoch_length}'))
semi_stage = dict(default_hooks=dict(checkpoint=dict(rule='${select_rule}')))
stages = [dict(name='sfm', cfg='${semi_stage}')]
