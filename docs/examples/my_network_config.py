"""ScarceNet on the toy animals, with the backbone of my_network.py."""

_base_ = '../../configs/scarcenet/resnet18_toyanimals_5shot.py'

custom_imports = dict(imports=['my_network'])
student = dict(
    backbone=dict(_delete_=True, type='ssltoolbox.FourConvolutions', channels=16),
    head=dict(in_channels=128),
)
