"""U-Net with attention on its decoder, for poses of surgical instruments."""

import functools
import math
import random

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS

EVAL_SLOPE = 1 / 5.5
"""The reciprocal of the mean of what training draws its slopes from."""


@functools.lru_cache(maxsize=16)
def training_slope(seed: int) -> float:
    """Slope 1/U(3, 8) of negative values, the same for the same seed."""
    return 1 / random.Random(seed).uniform(3, 8)


class ConvBlock(nn.Module):
    """3x3 convolution, dropout of single values, group norm, leaky ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        dropout: Probability with which a value is dropped.
        num_groups: Groups of the norm; fewer where they do not divide the channels.
    """

    def __init__(
        self, in_channels: int, out_channels: int, dropout: float, num_groups: int
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.dropout = nn.Dropout(dropout)
        groups = math.gcd(num_groups, out_channels)
        self.norm = nn.GroupNorm(groups, out_channels, eps=1e-6)

    def forward(self, x: Tensor, slope: float) -> Tensor:
        """Map (B, I, H, W) to (B, O, H, W)."""
        return F.leaky_relu(self.norm(self.dropout(self.conv(x))), slope, inplace=True)


class AttentionGate(nn.Module):
    """Multiply all channels by one map between 0 and 1 that is made from them.

    Args:
        in_channels: Channels of the input.
        channels: Channels C inside; round(sqrt(C)) before the map.
        dropout: Probability with which a value inside is dropped.
    """

    def __init__(self, in_channels: int, channels: int, dropout: float) -> None:
        super().__init__()
        inside = round(math.sqrt(channels))
        self.convs = nn.ModuleList([
            nn.Conv2d(in_channels, channels, 3, padding=1),
            nn.Conv2d(channels, inside, 3, padding=1),
            nn.Conv2d(inside, 1, 1),
        ])  # fmt: skip
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, slope: float) -> tuple[Tensor, Tensor]:
        """Return the gated (B, I, H, W) and the attention map (B, 1, H, W)."""
        first, second, last = self.convs
        y = self.dropout(F.leaky_relu(first(x), slope, inplace=True))
        y = self.dropout(F.leaky_relu(second(y), slope, inplace=True))
        attention = torch.sigmoid(last(y))
        return x * attention, attention


class UpStage(nn.Module):
    """Double the resolution, join the encoder's map, attend, and convolve twice.

    Args:
        channels: Channels C of the encoder's map and of the output; 2 C come in.
        attention_channels: Channels inside the attention gate.
        dropout: As in :class:`ConvBlock`.
        num_groups: As in :class:`ConvBlock`.
    """

    def __init__(
        self, channels: int, attention_channels: int, dropout: float, num_groups: int
    ) -> None:
        super().__init__()
        wide = 2 * channels
        self.deconv = nn.ConvTranspose2d(wide, channels, 2, stride=2)
        self.attention = AttentionGate(wide, attention_channels, dropout)
        self.blocks = nn.ModuleList([
            ConvBlock(wide, channels, dropout, num_groups),
            ConvBlock(channels, channels, dropout, num_groups),
        ])  # fmt: skip

    def forward(self, x: Tensor, skip: Tensor, slope: float) -> tuple[Tensor, Tensor]:
        """Map (B, 2C, h, w) and (B, C, 2h, 2w) to (B, C, 2h, 2w) and attention."""
        x = F.leaky_relu(self.deconv(x), slope, inplace=True)
        x, attention = self.attention(torch.cat([skip, x], 1), slope)
        for block in self.blocks:
            x = block(x, slope)
        return x, attention


@MODELS.register_module()
class DAUNet(BaseModule):
    """U-Net whose decoder attends to places; its last map has the input's resolution.

    Negative values are multiplied by a random slope in training, 1/U(3, 8), and by
    1/5.5 in evaluation. One slope serves all layers of all networks in an iteration, so
    that a teacher sees the function that its student is. It is derived from
    ``torch.initial_seed()``, which ``IterationSeedHook`` sets for each iteration: no
    random number is consumed, and without that hook the slope never changes.

    Source: Kayhan et al., "Deep Attention Based Semi-Supervised 2D-Pose Estimation for
    Surgical Instruments", arXiv 1912.04618. With 9 outputs of a 1x1 convolution it has
    2,096,491 parameters, as published.

    Args:
        in_channels: Channels of the images.
        base_channels: Channels C at full resolution, and inside the attention gates;
            each level below has twice as many.
        levels: Resolutions; the sides of the input are multiples of 2^(levels - 1).
        dropout: Probability with which single values are dropped: published with 0.3
            for EndoVis, 0.1 for RMIT.
        num_groups: Groups of the norms, fewer where they do not divide the channels.
        init_cfg: As in mmengine, such as a checkpoint; None: the published random
            weights.

    Raises:
        ValueError: ``levels`` is less than 2.
    """

    def __init__(
        self,
        in_channels: int = 3,
        base_channels: int = 64,
        levels: int = 3,
        dropout: float = 0.3,
        num_groups: int = 32,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if levels < 2:
            raise ValueError(f'DAUNet needs levels of at least 2, got {levels}')
        self.stride = 2 ** (levels - 1)
        widths = [base_channels * 2**level for level in range(levels)]
        self.down = nn.ModuleList(
            nn.ModuleList([
                ConvBlock(before, width, dropout, num_groups),
                ConvBlock(width, width, dropout, num_groups),
            ])
            for before, width in zip([in_channels, *widths], widths, strict=False)
        )  # fmt: skip
        self.up = nn.ModuleList(
            UpStage(width, base_channels, dropout, num_groups) for width in widths[:-1]
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map images to features, from the coarsest to the finest.

        Args:
            x: (B, 3, H, W).

        Returns:
            (B, 4C, H/4, W/4), (B, 2C, H/2, W/2) and (B, C, H, W) with three levels.

        Raises:
            ValueError: H or W is no multiple of the stride.
        """
        return self.attend(x)[0]

    def attend(self, x: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Return the features of :meth:`forward` and where the decoder looked.

        Args:
            x: (B, 3, H, W).

        Returns:
            The features, and attention maps (B, 1, H/2, W/2) and (B, 1, H, W), in
            [0, 1], with three levels.
        """
        h, w = x.shape[-2:]
        if h % self.stride or w % self.stride:
            raise ValueError(
                f'DAUNet needs images whose sides are multiples of {self.stride} px, '
                f'got {w} x {h} (w x h): change input_size of the pipeline and codec'
            )
        slope = training_slope(torch.initial_seed()) if self.training else EVAL_SLOPE
        skips: list[Tensor] = []
        for level, blocks in enumerate(self.down):
            x = F.max_pool2d(skips[-1], 2) if level else x
            for block in blocks:
                x = block(x, slope)
            skips.append(x)
        features, attentions = [skips.pop()], []
        for stage in reversed(self.up):
            x, attention = stage(features[-1], skips.pop(), slope)
            features.append(x)
            attentions.append(attention)
        return tuple(features), tuple(attentions)

    def init_weights(self) -> None:
        """Draw the published weights, or follow ``init_cfg`` where it is given."""
        if self.init_cfg:
            super().init_weights()
            return
        for blocks in self.down:
            for block in blocks:
                truncated_normal(block.conv, block.conv.out_channels)
        for stage in self.up:
            # all three by the width that comes in, as the original program does
            width = stage.deconv.in_channels
            truncated_normal(stage.deconv, width)
            for block in stage.blocks:
                truncated_normal(block.conv, width)
            for conv in stage.attention.convs:
                nn.init.xavier_uniform_(conv.weight)
                nn.init.zeros_(conv.bias)


def truncated_normal(conv: nn.Module, width: int) -> None:
    """Draw weights with deviation sqrt(2 / (9 width)), cut at two; biases are 0.1."""
    std = math.sqrt(2 / (9 * width))
    nn.init.trunc_normal_(conv.weight, std=std, a=-2 * std, b=2 * std)
    nn.init.constant_(conv.bias, 0.1)
