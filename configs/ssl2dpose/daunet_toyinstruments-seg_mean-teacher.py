"""Mean teacher, on the classes of pixels of generated instruments."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/tasks/instrument_segmentation.py',
    '../_base_/schedules/ssl2dpose_toy.py',
    '../_base_/semi/mean_teacher.py',
]
init_student = '${supervised.best}'
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='semi', cfg='${semi_stage}'),
]
