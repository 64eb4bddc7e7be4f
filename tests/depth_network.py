"""A depth network whose depth is told by head: the brightness of a pixel, in 0..1."""

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.registry import MODELS

CONFIG = """
default_scope = 'mmpose'
model = dict(
    type='ssltoolbox.DepthEstimator',
    data_preprocessor=dict(
        type='ssltoolbox.DepthDataPreprocessor', mean=[0] * 3, std=[255] * 3,
        bgr_to_rgb=True),
    backbone=dict(type='ssltoolbox.TestColours'),
    decode_head=dict(type='ssltoolbox.DepthHead', in_channels=3))
frame = [
    dict(type='ssltoolbox.LoadSfmFrame'),
    dict(type='ssltoolbox.PackDepthView')]
settings = dict(
    downsampling=2, multiple=8, inlier_share=1, visibility_window=None)
test_dataloader = dict(
    batch_size=2, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ssltoolbox.SfmDataset', data_root='data', settings=settings,
        pipeline=[dict(type='ssltoolbox.SfmPair', frame=frame)]))
test_evaluator = dict(type='ssltoolbox.DepthMetric')
test_cfg = dict()
"""


@MODELS.register_module(force=True)
class TestColours(nn.Module):
    """The pixels themselves as features."""

    __test__ = False

    def forward(self, x):
        return (x,)


def write_depth_network(folder, name='net', text=CONFIG, factor=1.0):
    """Write ``<name>.py`` and ``<name>.pth``: depth is ``factor`` times the brightness.

    Args:
        folder: Where to write.
        name: Of both files.
        text: Of the config.
        factor: Depth of a white pixel.

    Returns:
        Paths of config and checkpoint.
    """
    config, checkpoint = folder / f'{name}.py', folder / f'{name}.pth'
    config.write_text(text)
    with DefaultScope.overwrite_default_scope('mmpose'):
        network = MODELS.build(Config.fromfile(config).model)
    with torch.no_grad():
        network.decode_head.conv.weight.fill_(factor / 3)
        network.decode_head.conv.bias.zero_()
    torch.save(dict(state_dict=network.state_dict()), checkpoint)
    return str(config), str(checkpoint)
