"""Encoder of LEDNet: one-dimensional convolutions of halves of shuffled channels."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


class Down(nn.Module):
    """Halve the resolution: two strided convolutions, each max-pooled, side by side.

    Args:
        in_channels: Channels I of the input.
        out_channels: Channels O of the output, even.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            # one more row and column than halves, which the pooling takes away
            nn.Conv2d(in_channels, half, 3, stride=2, padding=2, bias=False)
            for half in (out_channels // 2,) * 2
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, I, H, W) to (B, O, ceil(H/2), ceil(W/2))."""
        return torch.cat([F.max_pool2d(conv(x), 2, stride=1) for conv in self.convs], 1)


class SplitShuffleBlock(nn.Module):
    """SS-nbt: 3x1 and 1x3 convolutions of halves of the channels, which then mix.

    Args:
        channels: Channels C, even.
        dilation: Of the second pair of convolutions.
        norm_cfg: Config of the norms.
    """

    def __init__(self, channels: int, dilation: int, norm_cfg: dict) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            self._branch(channels // 2, dilation, norm_cfg, upright_first)
            for upright_first in (True, False)
        )

    @staticmethod
    def _branch(
        width: int, dilation: int, norm_cfg: dict, upright_first: bool
    ) -> nn.Sequential:
        layers: list[nn.Module] = []
        for d in (1, dilation):
            upright = dict(kernel_size=(3, 1), padding=(d, 0), dilation=(d, 1))
            level = dict(kernel_size=(1, 3), padding=(0, d), dilation=(1, d))
            order = (upright, level) if upright_first else (level, upright)
            for kernel in order:
                layers += [nn.Conv2d(width, width, bias=False, **kernel), nn.ReLU()]
            layers.insert(-1, build_norm_layer(norm_cfg, width)[1])
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        halves = zip(self.branches, x.chunk(2, 1), strict=True)
        y = F.relu(torch.cat([branch(half) for branch, half in halves], 1) + x)
        return y.unflatten(1, (2, -1)).transpose(1, 2).flatten(1, 2)


@MODELS.register_module()
class LEDNet(BaseModule):
    """Light encoder of three resolutions; its decoder is ``APNHead``.

    Source: Wang et al., "LEDNet: A Lightweight Encoder-Decoder Network for Real-Time
    Semantic Segmentation", ICIP 2019, arXiv 1905.02423, as Semi-Seg builds it: a step
    down in resolution is made of two pooled convolutions, where the paper joins one
    convolution with the pooled input, and there is no dropout. With ``APNHead`` and two
    classes it has 2,313,972 parameters.

    Args:
        in_channels: Channels of the images.
        channels: Channels of each stage, even; each halves the resolution.
        dilations: Dilation of each block of each stage.
        norm_cfg: Config of the norms.
        init_cfg: As in mmengine; None: torch's own weights.

    Raises:
        ValueError: Odd channels, or not as many entries of ``dilations``.
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: Sequence[int] = (32, 64, 128),
        dilations: Sequence[Sequence[int]] = (
            (1, 1, 1),
            (1, 1),
            (1, 2, 5, 9, 2, 5, 9, 17),
        ),
        norm_cfg: dict = dict(type='BN'),  # noqa: B006  as in mmseg
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if len(channels) != len(dilations) or any(width % 2 for width in channels):
            raise ValueError(
                f'LEDNet got channels={tuple(channels)} and {len(dilations)} entries '
                'of dilations: give even channels and a list of dilations per stage'
            )
        self.stages = nn.ModuleList(
            nn.Sequential(
                Down(before, width),
                *(SplitShuffleBlock(width, d, norm_cfg) for d in stage),
            )
            for before, width, stage in zip(
                (in_channels, *channels[:-1]), channels, dilations, strict=True
            )
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map images (B, 3, H, W) of any size to a map of each stage.

        Returns:
            (B, 32, H/2, W/2), (B, 64, H/4, W/4) and (B, 128, H/8, W/8), rounded up.
        """
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return tuple(features)
