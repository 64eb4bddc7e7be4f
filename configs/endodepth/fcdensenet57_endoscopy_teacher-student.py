"""Teacher, distillation, student: the three-stage program."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fcdensenet57.py',
    '../_base_/models/depth_unet.py',
    '../_base_/datasets/endoscopy_sfm_stages.py',
    '../_base_/schedules/endodepth_stages.py',
    '../_base_/semi/sfm_teacher_student.py',
]
best = None  # one patient: nothing is chosen on its test frames
