"""Small networks for the tests of decode heads."""

import torch
from mmengine.structures import PixelData

from ...golden.semiseg.fill import build_model

CLASSES = 3
WIDTHS = (8, 16, 32, 64)
"""Channels of the four maps of a ResNet-18 with an eighth of its width."""

LAST = dict(in_channels=WIDTHS[-1])
HEADS = {
    'denseaspp': dict(LAST, inner_channels=8, growth_channels=4),
    'ocnet': dict(LAST, channels=8, key_channels=4),
    'deeplabv3plus': dict(LAST, c1_in_channels=WIDTHS[0], channels=8, c1_channels=4),
    'pan': dict(in_channels=WIDTHS, channels=8),
    'manet': dict(in_channels=(8, *WIDTHS), decoder_channels=(16, 8, 8, 8, 4)),
}
SIDE = 128


def small(name, backbone=None, **head):
    """A network of the configs on a narrow ResNet-18, with three classes."""
    narrow = dict(depth=18, base_channels=8, stem_channels=8)
    if backbone:
        narrow = dict(backbone, _delete_=True)
    torch.manual_seed(0)
    return build_model(
        name,
        num_classes=CLASSES,
        backbone=narrow,
        decode_head={**HEADS[name], **head},
    )


def images(count=2, height=SIDE, width=SIDE):
    return torch.rand(count, 3, height, width, generator=torch.manual_seed(1))


def samples(count=2, side=SIDE):
    from mmseg.structures import SegDataSample

    masks = torch.randint(
        CLASSES, (count, 1, side, side), generator=torch.manual_seed(2)
    )
    shape = dict(img_shape=(side, side), ori_shape=(side, side))
    return [
        SegDataSample(gt_sem_seg=PixelData(data=mask), metainfo=shape) for mask in masks
    ]


@torch.no_grad()
def constant(module, **values):
    """Set parameters by name: ``{'conv.weight': 0}``, dots as double underscores."""
    for name, value in values.items():
        module.get_parameter(name.replace('__', '.')).fill_(value)
