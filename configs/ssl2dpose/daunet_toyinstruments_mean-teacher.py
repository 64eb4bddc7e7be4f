"""Mean teacher, on generated instruments: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_pose.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/mean_teacher.py',
]
init_student = '${supervised.best}'
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='semi', cfg='${semi_stage}'),
]
