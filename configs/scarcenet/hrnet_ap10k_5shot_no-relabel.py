"""ScarceNet without re-labelling: keypoints that are not trusted are left out."""

_base_ = './hrnet_ap10k_5shot.py'
method = dict(agreement=None)
