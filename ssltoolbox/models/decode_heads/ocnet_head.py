"""OCNet: a pixel is described by the pixels that look like it."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


class ObjectContext(nn.Module):
    """Attention of every place over all places, whose queries are its keys.

    Args:
        channels: Channels of the input and of the output.
        key_channels: Channels of keys and of values.
        **conv: Further arguments of mmcv's ``ConvModule``, for the keys.
    """

    def __init__(self, channels: int, key_channels: int, **conv) -> None:
        super().__init__()
        self.key = ConvModule(channels, key_channels, 1, bias=True, **conv)
        self.value = nn.Conv2d(channels, key_channels, 1)
        self.project = nn.Conv2d(key_channels, channels, 1)
        # training starts from a network without context
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to the context of each place, of the same shape."""
        key, value = (
            each(x).flatten(2).transpose(1, 2) for each in (self.key, self.value)
        )
        # no (hw, hw) matrix is kept where the device has a fused kernel
        context = F.scaled_dot_product_attention(key, key, value)
        context = context.transpose(1, 2).reshape(x.shape[0], -1, *x.shape[-2:])
        return self.project(context)


@MODELS.register_module()
class OCNetHead(BaseDecodeHead):
    """Base object context on the last feature map.

    A 3x3 convolution reduces the map to ``channels``; the attention's context is joined
    with it and fused by a 1x1 convolution, dropout of whole channels, and a 1x1
    convolution to logits.

    Source: Yuan & Wang, "OCNet: Object Context Network for Scene Parsing", arXiv
    1809.00916, the variant base-OC. The sizes are those of the program Semi-Seg, which
    fixes 2048 input channels; here they are what ``in_channels`` says.

    Args:
        in_channels: Channels of the feature map.
        channels: Channels after each step.
        key_channels: Channels of keys and values of the attention.
        dropout_ratio: Probability with which a channel is dropped.
        **kwargs: As in mmseg's ``BaseDecodeHead``; give ``norm_cfg``.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int = 512,
        key_channels: int = 256,
        dropout_ratio: float = 0.05,
        **kwargs,
    ) -> None:
        super().__init__(in_channels, channels, dropout_ratio=dropout_ratio, **kwargs)
        conv = dict(
            conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg, act_cfg=self.act_cfg
        )
        self.reduce = ConvModule(in_channels, channels, 3, padding=1, **conv)
        self.context = ObjectContext(channels, key_channels, **conv)
        self.fuse = ConvModule(2 * channels, channels, 1, bias=True, **conv)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Predict logits.

        Args:
            inputs: Feature maps (B, C, h, w); that of ``in_index`` is read.

        Returns:
            (B, classes, h, w) of that map.
        """
        x = self.reduce(self._transform_inputs(inputs))
        return self.cls_seg(self.fuse(torch.cat([self.context(x), x], 1)))
