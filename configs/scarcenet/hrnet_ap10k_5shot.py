"""ScarceNet, AP-10K split 1, 5 labelled images per species."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-hrnet-w32_joint-specific.py',
    '../_base_/datasets/ap10k_semi.py',
    '../_base_/schedules/scarcenet.py',
    '../_base_/semi/scarcenet.py',
]
labels = 'ap10k_split1_5shot.json'
label_curve = dict(against='hrnet_ap10k_5shot_supervised.py')
