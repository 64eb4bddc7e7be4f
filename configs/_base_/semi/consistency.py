"""Labelled and unlabelled images in one batch, for methods without pseudo labels.

Expects of the task's base config ``student``, ``task``, ``labelled``, ``unlabelled``,
``load``, ``train_view``, ``pack``, ``num_workers`` and ``metric``, of the schedule
epochs, their length, batch size, ``semi_ratio`` and intervals. A method says what
``method`` is, and which ``stages`` there are.
"""

_base_ = ['./supervised_stage.py', './semi_stage.py']

best = 'student/${metric}'  # the network and metric that choose the best checkpoint
semi_loader = dict(
    sampler=dict(ratio='${semi_ratio}', epoch_length='${epoch_length}'),
    dataset=dict(pipeline='${semi_pipeline}'),
)
semi_stage = dict(model=dict(init_student='${init_student}'))
init_student = None  # '${supervised.best}' after a supervised stage
semi_sources = dict(labelled='${labelled}', unlabelled='${unlabelled}')
semi_pipeline = ['*${load}', '${branches}']
branches = dict(type='ssltoolbox.Branches', strong=['*${train_view}', '${pack}'])
