"""Virtual adversarial training, on generated instruments: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_pose.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/vat.py',
]
method = dict(eps=1.0)  # the published 0.1 changes these maps by nothing
init_student = '${supervised.best}'
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='semi', cfg='${semi_stage}'),
]
