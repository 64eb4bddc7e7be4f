"""ResNet-18 with one slim head branch per joint, for small experiments."""

_base_ = './resnet18.py'

student = dict(head=dict(type='ssltoolbox.JointSpecificHead', branch_channels=16))
