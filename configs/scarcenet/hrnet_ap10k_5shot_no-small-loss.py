"""ScarceNet without small-loss selection: every pseudo label is trusted."""

_base_ = './hrnet_ap10k_5shot.py'
method = dict(small_loss=None)
