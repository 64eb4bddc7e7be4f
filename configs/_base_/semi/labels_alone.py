"""Labels alone, for as many iterations as the methods: the baseline of every table."""

_base_ = './supervised_stage.py'
stages = [dict(name='supervised', cfg='${supervised_stage}')]
