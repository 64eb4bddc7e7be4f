"""Baseline of hrnet_ap10k_5shot.py: its labels alone, equally many iterations."""

_base_ = ['./hrnet_ap10k_5shot.py', '../_base_/semi/supervised.py']
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='continued', cfg='${continued_stage}'),
]
