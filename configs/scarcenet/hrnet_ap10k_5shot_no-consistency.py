"""ScarceNet without teacher consistency; the teacher only averages, to be measured."""

_base_ = './hrnet_ap10k_5shot.py'
method = dict(consistency=None)
# it makes no passes of its own, from which it could take its statistics
teacher = dict(buffers='ema', mode='eval')
