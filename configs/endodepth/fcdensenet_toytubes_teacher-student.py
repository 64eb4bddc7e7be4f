"""Teacher, distillation, student, on generated tubes: minutes on a CPU."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fcdensenet_toy.py',
    '../_base_/models/depth_unet_toy.py',
    '../_base_/datasets/toy_tubes.py',
    '../_base_/schedules/endodepth_stages_toy.py',
    '../_base_/semi/sfm_teacher_student.py',
]
sfm_settings = dict(scale='travel')
load_frame = dict(track_constant=5.0, max_flow=1.0)
