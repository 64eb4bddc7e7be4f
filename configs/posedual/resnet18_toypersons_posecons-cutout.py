"""PoseCons with Joint Cutout on generated persons, 80 labelled images."""

_base_ = './resnet18_toypersons_posecons.py'
cutout = dict(type='ssltoolbox.JointCutout', half_size=(5, 10), jitter=5)
