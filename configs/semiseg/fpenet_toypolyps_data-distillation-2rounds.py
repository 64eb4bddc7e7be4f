"""FPENet on generated polyps, taught twice by itself under flips."""

_base_ = ['./fpenet_toypolyps_data-distillation.py', '../_base_/semi/second_round.py']
stages = [
    dict(name='base_1', cfg='${base_stage_1}'),
    dict(name='annotate', job='${annotation}'),
    dict(name='target', cfg='${target_stage}'),
    dict(name='annotate_2', job='${annotation_2}'),
    dict(name='target_2', cfg='${target_stage_2}'),
]
