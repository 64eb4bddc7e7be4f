"""Baseline of resnet18_toyanimals_5shot.py: its labels alone, as many iterations."""

_base_ = ['./resnet18_toyanimals_5shot.py', '../_base_/semi/supervised.py']
stages = [
    dict(name='supervised', cfg='${supervised_stage}'),
    dict(name='continued', cfg='${continued_stage}'),
]
