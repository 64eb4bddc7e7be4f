"""DenseASPP: dilated convolutions of which each sees the results of all before it."""

from collections.abc import Sequence

import torch
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class DenseASPPHead(BaseDecodeHead):
    """Dense chain of dilated convolutions on the last feature map.

    A layer reads the backbone's map and the ``growth_channels`` of each layer before
    it: a 1x1 convolution to ``inner_channels`` and a dilated 3x3 one, both with norm
    and ReLU, then dropout of single values. A 1x1 convolution of everything gives
    logits.

    Source: Yang et al., "DenseASPP for Semantic Segmentation in Street Scenes", CVPR
    2018, which normalises before each convolution. Here the norm comes after it, and
    the backbone is a ResNet, as in the program of semi-supervised segmentation by data
    and model distillation (Semi-Seg), whose size and results these are.

    Args:
        in_channels: Channels of the feature map.
        inner_channels: Channels of the 1x1 convolution of a layer.
        growth_channels: Channels that a layer adds.
        dilations: Dilation of each layer.
        dropout_ratio: Probability with which a value is dropped, in each layer and
            before the logits.
        **kwargs: As in mmseg's ``BaseDecodeHead``; give ``norm_cfg``.
    """

    def __init__(
        self,
        in_channels: int,
        inner_channels: int = 256,
        growth_channels: int = 64,
        dilations: Sequence[int] = (3, 6, 12, 18, 24),
        dropout_ratio: float = 0.1,
        **kwargs,
    ) -> None:
        widths = [in_channels + i * growth_channels for i in range(len(dilations) + 1)]
        super().__init__(in_channels, widths[-1], dropout_ratio=dropout_ratio, **kwargs)
        self.dropout = nn.Dropout(dropout_ratio)
        conv = dict(
            bias=True,
            conv_cfg=self.conv_cfg,
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
        )
        self.layers = nn.ModuleList(
            nn.Sequential(
                ConvModule(width, inner_channels, 1, **conv),
                ConvModule(
                    inner_channels,
                    growth_channels,
                    3,
                    padding=dilation,
                    dilation=dilation,
                    **conv,
                ),
                nn.Dropout(dropout_ratio),
            )
            for width, dilation in zip(widths, dilations, strict=False)
        )

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Predict logits.

        Args:
            inputs: Feature maps (B, C, h, w); that of ``in_index`` is read.

        Returns:
            (B, classes, h, w) of that map.
        """
        x = self._transform_inputs(inputs)
        for layer in self.layers:
            x = torch.cat([layer(x), x], 1)
        return self.cls_seg(x)
