"""PoseResNet-18: three deconvolutions on a ResNet; 192 x 256 px, 24 joints.

As in PoseDual (Xie et al., ICCV 2021) and SimpleBaseline (Xiao et al., ECCV 2018).
``backbone_init`` and ``peer_init`` name the ImageNet weights from which the first and
the second network start: here of two trainings, torchvision's and OpenMMLab's, since
equal backbones have less to tell each other. ``--cfg-options backbone_init=None
peer_init=None`` starts from random weights and downloads nothing.
"""

_base_ = './resnet18.py'

codec = dict(input_size=(192, 256), heatmap_size=(48, 64))
backbone_init = dict(
    _delete_=True,
    type='Pretrained',
    checkpoint='https://download.pytorch.org/models/resnet18-f37072fd.pth',
)
peer_init = dict(type='Pretrained', checkpoint='mmcls://resnet18')

student = dict(
    head=dict(out_channels=24, deconv_out_channels=(256, 256, 256)),
    test_cfg=dict(flip_test=False),
)
