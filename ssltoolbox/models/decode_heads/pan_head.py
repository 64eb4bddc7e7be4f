"""PAN: attention over a pyramid, and coarse features that weigh fine ones."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.models.global_context import GlobalContext
from ssltoolbox.models.pyramid import check_pyramid
from ssltoolbox.registry import MODELS

STRIDE = 4
"""Pixels of the image that a cell of the finest map spans."""

LEAST_SIDE = 8
"""Cells that can be halved three times, as the pyramid does."""


def enlarge(x: Tensor, size: Sequence[int]) -> Tensor:
    """Interpolate (B, C, h, w) to ``size`` (h, w), corner to corner."""
    return F.interpolate(x, tuple(size), mode='bilinear', align_corners=True)


class PyramidAttention(nn.Module):
    """Multiply features by one map made at three scales, and add the global context.

    Args:
        in_channels: Channels of the input.
        channels: Channels of the output.
        **conv: Further arguments of mmcv's ``ConvModule``.
    """

    def __init__(self, in_channels: int, channels: int, **conv) -> None:
        super().__init__()
        self.context = GlobalContext(in_channels, channels, **conv)
        self.mid = ConvModule(in_channels, channels, 1, **conv)
        self.down = nn.ModuleList([
            ConvModule(in_channels, 1, 7, padding=3, **conv),
            ConvModule(1, 1, 5, padding=2, **conv),
            ConvModule(1, 1, 3, padding=1, **conv),
        ])  # fmt: skip
        self.across = nn.ModuleList([
            ConvModule(1, 1, 7, padding=3, **conv),
            ConvModule(1, 1, 5, padding=2, **conv),
            ConvModule(1, 1, 3, padding=1, **conv),
        ])  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, I, h, w) to (B, O, h, w); h and w are at least 8."""
        context, mid = self.context(x), self.mid(x)
        levels, sizes = [], []
        for conv in self.down:
            sizes.append(x.shape[-2:])
            x = conv(F.max_pool2d(x, 2))
            levels.append(x)
        attention: Tensor | int = 0
        for level, conv, size in zip(
            reversed(levels), reversed(self.across), reversed(sizes), strict=True
        ):
            attention = enlarge(conv(level) + attention, size)
        return mid * attention + context


class AttentionUpsample(nn.Module):
    """Weigh the channels of finer features by coarser ones, and add both.

    Args:
        in_channels: Channels of the finer features.
        channels: Channels of the coarser features and of the output.
        **conv: Further arguments of mmcv's ``ConvModule``.
    """

    def __init__(self, in_channels: int, channels: int, **conv) -> None:
        super().__init__()
        self.reduce = ConvModule(in_channels, channels, 3, padding=1, **conv)
        gate = {**conv, 'act_cfg': dict(type='Sigmoid')}
        self.gate = GlobalContext(channels, channels, **gate)

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """Map (B, I, H, W) and (B, O, h, w) to (B, O, H, W)."""
        gated = self.reduce(fine) * self.gate(coarse)
        return enlarge(coarse, fine.shape[-2:]) + gated


@MODELS.register_module()
class PANHead(BaseDecodeHead):
    """Pyramid attention on the last of four maps, then upsampling over the others.

    Source: Li et al., "Pyramid Attention Network for Semantic Segmentation", BMVC 2018.
    Sizes and order are those of the library segmentation_models_pytorch (MIT licence),
    whose PAN the program Semi-Seg trains: weights of the one fit the other.

    The sides of images are multiples of the backbone's stride, and at least eight times
    that: the pyramid halves the last map three times. With a stride of 16: 128, 144,
    160 px and so on. A single image in training is refused, see
    :class:`GlobalContext`.

    Args:
        in_channels: Channels of the four feature maps, the finest first, of which a
            cell spans 4 px.
        channels: Channels of the decoder.
        in_index: Which maps these are.
        dropout_ratio: Probability with which a channel is dropped before the logits.
        **kwargs: As in mmseg's ``BaseDecodeHead``; give ``norm_cfg``.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int = 32,
        in_index: Sequence[int] = (0, 1, 2, 3),
        dropout_ratio: float = 0,
        **kwargs,
    ) -> None:
        super().__init__(
            in_channels,
            channels,
            in_index=in_index,
            input_transform='multiple_select',
            dropout_ratio=dropout_ratio,
            **kwargs,
        )
        conv = dict(
            bias=True,
            conv_cfg=self.conv_cfg,
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
        )
        *finer, last = in_channels
        self.attention = PyramidAttention(last, channels, **conv)
        self.upsample = nn.ModuleList(
            AttentionUpsample(each, channels, **conv) for each in reversed(finer)
        )
        self.conv_seg = nn.Conv2d(channels, self.out_channels, 3, padding=1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Predict logits.

        Args:
            inputs: Feature maps (B, C, h, w); those of ``in_index`` are read.

        Returns:
            (B, classes, h, w) of the finest map.

        Raises:
            ValueError: Images of another size, or one image in training.
        """
        *finer, last = maps = self._transform_inputs(inputs)
        factors = [
            1 if fine.shape[-2:] == coarse.shape[-2:] else 2
            for fine, coarse in zip(maps, maps[1:], strict=False)
        ]
        check_pyramid('PANHead', maps, factors, STRIDE, LEAST_SIDE)
        x = self.attention(last)
        for fine, upsample in zip(reversed(finer), self.upsample, strict=True):
            x = upsample(fine, x)
        return self.cls_seg(x)
