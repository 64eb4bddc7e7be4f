"""Decoder of LEDNet: a pyramid of class maps that attends to places."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.models.global_context import GlobalContext
from ssltoolbox.registry import MODELS

KERNELS = (3, 5, 7)
"""Of the strided convolutions from one level of the pyramid to the next."""


@MODELS.register_module()
class APNHead(BaseDecodeHead):
    """Attention pyramid network: coarse class maps multiply those of each place.

    Three strided convolutions make a pyramid of which each level gives class maps; they
    are added from the coarsest up. The sum multiplies the class maps of the features
    themselves, and those of their mean over the image are added.

    Source: Wang et al., "LEDNet: A Lightweight Encoder-Decoder Network for Real-Time
    Semantic Segmentation", ICIP 2019, arXiv 1905.02423, as Semi-Seg builds it: every
    class map ends in norm and ReLU, so that no logit is negative and none has a bias. A
    single image in training is refused, see :class:`GlobalContext`.

    Args:
        in_channels: Channels C of the last map of the encoder.
        channels: Channels of the pyramid.
        linear_levels: Make the class maps by plain 1x1 convolutions with bias, so that
            logits take both signs and single images can be trained on; False is
            Semi-Seg's network.
        align_corners: How class maps are enlarged.
        norm_cfg: Config of the norms.
        **kwargs: As of mmseg's ``BaseDecodeHead``, such as ``num_classes``. There is no
            dropout.
    """

    def __init__(
        self,
        in_channels: int = 128,
        channels: int = 128,
        linear_levels: bool = False,
        align_corners: bool = True,
        norm_cfg: dict = dict(type='BN'),  # noqa: B006  as in mmseg
        **kwargs,
    ) -> None:
        super().__init__(
            in_channels,
            channels,
            dropout_ratio=0,
            align_corners=align_corners,
            norm_cfg=norm_cfg,
            init_cfg=kwargs.pop('init_cfg', None),
            **kwargs,
        )
        self.conv_seg = None  # the levels give classes themselves
        widths = (in_channels, *(channels,) * len(KERNELS))
        self.pyramid = nn.ModuleList(
            ConvModule(before, channels, k, stride=2, padding=k // 2, norm_cfg=norm_cfg)
            for before, k in zip(widths[:-1], KERNELS, strict=True)
        )
        last = dict(norm_cfg=norm_cfg)
        if linear_levels:
            last = dict(norm_cfg=None, act_cfg=None)
        self.levels = nn.ModuleList(
            ConvModule(width, self.out_channels, 1, **last) for width in widths
        )
        self.mean = GlobalContext(in_channels, self.out_channels, **last)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Map the last feature (B, C, h, w) to logits (B, classes, h, w)."""
        features = [self._transform_inputs(inputs)]
        for down in self.pyramid:
            features.append(down(features[-1]))
        place, *coarser = (
            level(x) for level, x in zip(self.levels, features, strict=True)
        )
        total = coarser.pop()
        while coarser:
            finer = coarser.pop()
            total = self._enlarge(total, finer) + finer
        return self._enlarge(total, place) * place + self.mean(features[0])

    def _enlarge(self, x: Tensor, finer: Tensor) -> Tensor:
        return F.interpolate(
            x, finer.shape[-2:], mode='bilinear', align_corners=self.align_corners
        )
