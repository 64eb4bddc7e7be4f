"""ScarceNet without joint-specific branches: one plain heatmap head."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/pose-hrnet-w32.py',
    '../_base_/datasets/ap10k_semi.py',
    '../_base_/schedules/scarcenet.py',
    '../_base_/semi/scarcenet.py',
]
labels = 'ap10k_split1_5shot.json'
