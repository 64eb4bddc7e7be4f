"""A segmentor whose masks are told by head: bright pixels are class 1."""

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import MODELS

CONFIG = """
default_scope = 'mmpose'
model = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor=dict(
        type='mmseg.SegDataPreProcessor', mean=[0] * 3, std=[255] * 3,
        bgr_to_rgb=True, size_divisor=1),
    backbone=dict(type='ssltoolbox.TestPixels'),
    decode_head=dict(
        type='mmseg.FCNHead', in_channels=3, channels=3, num_convs=0,
        concat_input=False, dropout_ratio=0, num_classes=2, align_corners=False,
        loss_decode=dict(type='mmseg.CrossEntropyLoss')),
    test_cfg=dict(mode='whole'))
metainfo = dict(classes=('background', 'bright spot'))
pipeline = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='ssltoolbox.ImageView', input_size=(32, 24)),
    dict(type='ssltoolbox.LoadMask'),
    dict(type='ssltoolbox.PackSegView')]
test_dataloader = dict(
    batch_size=2, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ssltoolbox.ImageMaskDataset', data_root='', metainfo=metainfo,
        data_prefix=dict(img_path='images', seg_map_path='masks'), test_mode=True,
        pipeline=pipeline))
test_evaluator = dict(type='ssltoolbox.MaskMetric', surface=False)
test_cfg = dict()
"""


@MODELS.register_module(force=True)
class TestPixels(nn.Module):
    """The pixels themselves as features."""

    __test__ = False

    def forward(self, x):
        return (x,)


def write_segmentor(folder, name='net', text=CONFIG, sign=1.0, threshold=0.5):
    """Write ``<name>.py`` and ``<name>.pth``: class 1 is brighter than ``threshold``.

    Args:
        folder: Where to write.
        name: Of both files.
        text: Of the config.
        sign: -1 makes class 1 of what is darker.
        threshold: Share of the full brightness.

    Returns:
        Paths of config and checkpoint.
    """
    prepare_segmentation()
    config, checkpoint = folder / f'{name}.py', folder / f'{name}.pth'
    config.write_text(text)
    with DefaultScope.overwrite_default_scope('mmpose'):
        network = MODELS.build(Config.fromfile(config).model)
    with torch.no_grad():
        weight = torch.zeros_like(network.decode_head.conv_seg.weight)
        weight[1] = 40 * sign / 3
        network.decode_head.conv_seg.weight.copy_(weight)
        bias = torch.zeros(len(weight))
        bias[1] = -40 * sign * threshold
        network.decode_head.conv_seg.bias.copy_(bias)
    torch.save(dict(state_dict=network.state_dict()), checkpoint)
    return str(config), str(checkpoint)
