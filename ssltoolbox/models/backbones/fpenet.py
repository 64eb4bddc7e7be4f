"""Encoder of FPENet: blocks that look at several distances in groups of channels."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


class FPEBlock(nn.Module):
    """Feature pyramid encoding: depthwise convolutions, each wider than the last.

    Every group of channels is convolved with its own dilation, after what the group
    before it has seen is added to it.

    Args:
        in_channels: Channels I of the input.
        out_channels: Channels O of the output.
        stride: Stride s of the block.
        expansion: The groups have ``expansion * I`` channels together.
        dilations: Dilation of each group.
        norm_cfg: Config of the norms.

    Raises:
        ValueError: The channels cannot be split into as many groups.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        expansion: int,
        dilations: Sequence[int],
        norm_cfg: dict,
    ) -> None:
        super().__init__()
        inside = expansion * in_channels
        if inside % len(dilations):
            raise ValueError(
                f'FPENet splits {inside} channels into {len(dilations)} groups, one '
                'for each of dilations: choose channels that are multiples of it'
            )
        width = inside // len(dilations)
        self.expand = ConvModule(
            in_channels, inside, 1, stride=stride, norm_cfg=norm_cfg
        )
        self.pyramid = nn.ModuleList(
            ConvModule(
                width, width, 3, padding=d, dilation=d, groups=width, norm_cfg=norm_cfg
            )
            for d in dilations
        )
        plain = dict(norm_cfg=norm_cfg, act_cfg=None)
        self.reduce = ConvModule(inside, out_channels, 1, **plain)
        self.shortcut = nn.Identity()
        if stride > 1 or in_channels != out_channels:
            self.shortcut = ConvModule(
                in_channels, out_channels, 1, stride=stride, **plain
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, I, H, W) to (B, O, ceil(H/s), ceil(W/s))."""
        seen: list[Tensor] = []
        groups = self.expand(x).chunk(len(self.pyramid), 1)
        for conv, group in zip(self.pyramid, groups, strict=True):
            seen.append(conv(group + seen[-1] if seen else group))
        return F.relu(self.reduce(torch.cat(seen, 1)) + self.shortcut(x))


@MODELS.register_module()
class FPENet(BaseModule):
    """Small encoder for real-time segmentation; its decoder is ``MEUHead``.

    Source: Liu & Yin, "Feature Pyramid Encoding Network for Real-time Semantic
    Segmentation", BMVC 2019, arXiv 1909.08599. With ``MEUHead`` and two classes it has
    114,564 parameters, as in Semi-Seg. The squeeze-and-excitation that the original
    program leaves off is not here.

    Args:
        in_channels: Channels of the images.
        channels: Channels of each stage.
        num_blocks: Blocks of each stage; all but the first stage halve the resolution.
        expansion: Of the first block of all but the first stage; elsewhere it is 1.
        dilations: Of the groups of channels in each block.
        norm_cfg: Config of the norms.
        init_cfg: As in mmengine; None: normal weights after He et al., by fan out.

    Raises:
        ValueError: ``channels`` and ``num_blocks`` have different lengths.
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: Sequence[int] = (16, 32, 64),
        num_blocks: Sequence[int] = (1, 3, 9),
        expansion: int = 4,
        dilations: Sequence[int] = (1, 2, 4, 8),
        norm_cfg: dict = dict(type='BN'),  # noqa: B006  as in mmseg
        init_cfg: dict | None = None,
    ) -> None:
        # ConvModule draws the published weights
        super().__init__(init_cfg)
        if len(channels) != len(num_blocks):
            raise ValueError(
                f'FPENet has {len(channels)} entries of channels, but '
                f'{len(num_blocks)} of num_blocks: give one for each stage'
            )
        self.stem = ConvModule(
            in_channels, channels[0], 3, stride=2, padding=1, norm_cfg=norm_cfg
        )
        rest: dict[str, Any] = dict(
            stride=1, expansion=1, dilations=dilations, norm_cfg=norm_cfg
        )
        self.stages = nn.ModuleList()
        before = channels[0]
        for stage, (width, count) in enumerate(zip(channels, num_blocks, strict=True)):
            first = dict(rest, stride=2, expansion=expansion) if stage else rest
            blocks = [FPEBlock(before, width, **first)]
            blocks += [FPEBlock(width, width, **rest) for _ in range(count - 1)]
            self.stages.append(nn.ModuleList(blocks))
            before = width

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map images (B, 3, H, W) of any size to a map of each stage.

        Returns:
            (B, 16, H/2, W/2), (B, 32, H/4, W/4) and (B, 64, H/8, W/8), rounded up. With
            several blocks, the output of the first is added to that of the last.
        """
        x, features = self.stem(x), []
        for first, *rest in self.stages:
            start = x = first(x)
            for block in rest:
                x = block(x)
            x = x + start if rest else x
            features.append(x)
        return tuple(features)
