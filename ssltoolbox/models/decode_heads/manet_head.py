"""MANet: attention between places, and channels that coarse and fine features weigh."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.models.position_attention import PositionAttention
from ssltoolbox.models.pyramid import check_pyramid
from ssltoolbox.registry import MODELS


class ChannelGate(nn.Sequential):
    """Squeeze and excitation: a factor in (0, 1) for every channel, (B, C, 1, 1).

    Args:
        channels: Channels C.
        reduction: How many times fewer channels there are inside.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        inside = max(1, channels // reduction)
        super().__init__(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, inside, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(inside, channels, 1),
            nn.Sigmoid(),
        )


class UpBlock(nn.Module):
    """Double the resolution, join finer features if there are any, convolve twice.

    With finer features this is the paper's multi-scale fusion attention: the channels
    of the coarse features are weighed by the sum of two gates, their own and that of
    the finer ones.

    Args:
        in_channels: Channels of the coarse features.
        skip_channels: Channels of the finer features, 0 without any.
        out_channels: Channels of the output.
        **conv: Further arguments of mmcv's ``ConvModule``.
    """

    def __init__(
        self, in_channels: int, skip_channels: int, out_channels: int, **conv
    ) -> None:
        super().__init__()
        width = in_channels
        if skip_channels:
            self.match = nn.Sequential(
                ConvModule(in_channels, in_channels, 3, padding=1, **conv),
                ConvModule(in_channels, skip_channels, 1, **conv),
            )
            self.coarse_gate = ChannelGate(skip_channels)
            self.fine_gate = ChannelGate(skip_channels)
            width = 2 * skip_channels
        self.convs = nn.Sequential(
            ConvModule(width, out_channels, 3, padding=1, **conv),
            ConvModule(out_channels, out_channels, 3, padding=1, **conv),
        )

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        """Map (B, I, h, w) and (B, S, 2h, 2w) to (B, O, 2h, 2w)."""
        if skip is None:
            return self.convs(F.interpolate(x, scale_factor=2, mode='nearest'))
        x = F.interpolate(self.match(x), scale_factor=2, mode='nearest')
        x = x * (self.coarse_gate(x) + self.fine_gate(skip))
        return self.convs(torch.cat([x, skip], 1))


@MODELS.register_module()
class MANetHead(BaseDecodeHead):
    """Position attention on the last map, then a U-shaped decoder with channel gates.

    Source: Fan et al., "MA-Net: A Multi-Scale Attention Network for Liver and Tumor
    Segmentation", IEEE Access 2020. Sizes and order are those of the library
    segmentation_models_pytorch (MIT licence), whose MAnet the program Semi-Seg trains:
    weights of the one fit the other, but only with ``keep_positions=False``, a quirk of
    that library.

    The decoder doubles the resolution once for each of ``decoder_channels``, five times
    to reach that of the image from a stride of 32: sides of images are multiples of 32.

    Args:
        in_channels: Channels of the feature maps, the finest first, each half the size
            of the one before: of ``ssltoolbox.StemResNet`` five maps, from half the
            size of the image; four, from a quarter, of most other backbones.
        decoder_channels: Channels after each step of the decoder.
        key_channels: Channels in which the attention compares places.
        keep_positions: Whether what attention collects for a place is added to that
            place; False as the weights of others need it, see
            :class:`PositionAttention`.
        in_index: Which maps these are, all in their order by default.
        dropout_ratio: Probability with which a channel is dropped before the logits.
        **kwargs: As in mmseg's ``BaseDecodeHead``; give ``norm_cfg``.

    Raises:
        ValueError: Fewer steps than there are maps to go through.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        decoder_channels: Sequence[int] = (256, 128, 64, 32, 16),
        key_channels: int = 64,
        keep_positions: bool = False,
        in_index: Sequence[int] | None = None,
        dropout_ratio: float = 0,
        **kwargs,
    ) -> None:
        *finer, last = in_channels
        if len(finer) > len(decoder_channels):
            raise ValueError(
                f'MANetHead has {len(decoder_channels)} decoder_channels for '
                f'{len(in_channels)} feature maps: give one for each but the last, and '
                'one for each doubling after them'
            )
        super().__init__(
            in_channels,
            decoder_channels[-1],
            in_index=in_index or list(range(len(in_channels))),
            input_transform='multiple_select',
            dropout_ratio=dropout_ratio,
            **kwargs,
        )
        conv = dict(
            conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg, act_cfg=self.act_cfg
        )
        self.attention = PositionAttention(last, key_channels, keep_positions)
        skips = [*reversed(finer)] + [0] * (len(decoder_channels) - len(finer))
        widths = [last, *decoder_channels]
        self.blocks = nn.ModuleList(
            UpBlock(before, skip, after, **conv)
            for before, skip, after in zip(widths, skips, widths[1:], strict=False)
        )
        self.conv_seg = nn.Conv2d(self.channels, self.out_channels, 3, padding=1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Predict logits.

        Args:
            inputs: Feature maps (B, C, h, w); those of ``in_index`` are read.

        Returns:
            (B, classes, H, W), with five steps 32 times the size of the last map.

        Raises:
            ValueError: Images of another size.
        """
        *finer, x = maps = self._transform_inputs(inputs)
        stride = 2 ** (len(self.blocks) - len(finer))
        check_pyramid('MANetHead', maps, [2] * len(finer), stride)
        x = self.attention(x)
        for block in self.blocks:
            x = block(x, finer.pop() if finer else None)
        return self.cls_seg(x)
