"""Decoder of FPENet: levels that gate each other before they are added."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


class MutualEmbeddingUpsample(nn.Module):
    """Add a fine and a coarse map, each weighted by a gate made from the other.

    Args:
        coarse_channels: Channels H of the coarse map.
        fine_channels: Channels L of the fine map.
        channels: Channels C of the result.
        norm_cfg: Config of the norms.
        align_corners: How the coarse map is enlarged.
    """

    def __init__(
        self,
        coarse_channels: int,
        fine_channels: int,
        channels: int,
        norm_cfg: dict,
        align_corners: bool,
    ) -> None:
        super().__init__()
        plain = dict(norm_cfg=norm_cfg, act_cfg=None)
        self.coarse = ConvModule(coarse_channels, channels, 1, **plain)
        self.fine = ConvModule(fine_channels, channels, 1, **plain)
        self.places = nn.Conv2d(1, 1, 1, bias=False)
        self.kinds = nn.Conv2d(channels, channels, 1, bias=False)
        for gate in (self.places, self.kinds):
            nn.init.kaiming_normal_(gate.weight, mode='fan_out')
        self.align_corners = align_corners

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Map (B, H, h, w) and (B, L, y, x) to (B, C, y, x)."""
        coarse, fine = self.coarse(coarse), self.fine(fine)
        places = self.places(fine.mean(1, keepdim=True)).sigmoid()
        # the ReLU is published: no channel is weighted by less than a half
        kinds = self.kinds(F.adaptive_avg_pool2d(coarse, 1)).relu().sigmoid()
        coarse = F.interpolate(
            coarse, fine.shape[-2:], mode='bilinear', align_corners=self.align_corners
        )
        return kinds * fine + places * coarse


@MODELS.register_module()
class MEUHead(BaseDecodeHead):
    """Mutual embedding upsample, from the coarsest map of the encoder to the finest.

    Source: Liu & Yin, "Feature Pyramid Encoding Network for Real-time Semantic
    Segmentation", BMVC 2019, arXiv 1909.08599. The original program doubles the logits
    of the finest map, so that those of an image of odd size are one pixel too large;
    here the segmentor enlarges them to the size of the image.

    Args:
        in_channels: Channels of the maps of the encoder, the finest first.
        channels: Channels after each step, the coarsest first; one less than maps.
        in_index: Places of the maps among those of the backbone.
        align_corners: How maps and logits are enlarged.
        norm_cfg: Config of the norms.
        **kwargs: As of mmseg's ``BaseDecodeHead``, such as ``num_classes``.

    Raises:
        ValueError: ``channels`` has another length.
    """

    def __init__(
        self,
        in_channels: Sequence[int] = (16, 32, 64),
        channels: Sequence[int] = (64, 32),
        in_index: Sequence[int] = (0, 1, 2),
        align_corners: bool = True,
        dropout_ratio: float = 0.0,
        norm_cfg: dict = dict(type='BN'),  # noqa: B006  as in mmseg
        **kwargs,
    ) -> None:
        if len(channels) != len(in_channels) - 1:
            raise ValueError(
                f'MEUHead has {len(channels)} entries of channels for '
                f'{len(in_channels)} of in_channels: give one for each step from a map '
                'to the next finer one'
            )
        super().__init__(
            in_channels,
            channels[-1],
            in_index=in_index,
            input_transform='multiple_select',
            align_corners=align_corners,
            dropout_ratio=dropout_ratio,
            norm_cfg=norm_cfg,
            **kwargs,
        )
        coarse, *finer = reversed(in_channels)
        self.steps = nn.ModuleList()
        for fine, width in zip(finer, channels, strict=True):
            self.steps.append(
                MutualEmbeddingUpsample(coarse, fine, width, norm_cfg, align_corners)
            )
            coarse = width

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Map the features of the backbone to logits (B, classes, H/2, W/2)."""
        x, *finer = reversed(self._transform_inputs(inputs))
        for step, fine in zip(self.steps, finer, strict=True):
            x = step(x, fine)
        return self.cls_seg(x)
