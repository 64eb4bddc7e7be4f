"""ImageNet weights that the networks for segmentation start from.

A config inherits this beside its networks, which refer to the keys, so that several
networks can stand in one config. ``--cfg-options backbone_init=None hrnet_init=None``
starts from random weights, without a download.
"""

backbone_init = dict(
    type='Pretrained',
    checkpoint='https://download.pytorch.org/models/resnet50-0676ba61.pth',
)
hrnet_init = dict(
    type='Pretrained',
    checkpoint=(
        'https://download.openmmlab.com/pretrain/third_party/hrnetv2_w48-d2186c55.pth'
    ),
)
