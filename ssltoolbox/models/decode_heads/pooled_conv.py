"""1x1 convolution of the mean over an image, also where a batch has one image."""

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor, nn


class PooledConv(ConvModule):
    """Mean over all pixels, then a 1x1 ``ConvModule``.

    A batch norm cannot learn from a single value per channel, and torch stops there.
    Such a batch, of one image, is normalised by the running statistics instead, which
    it leaves as they are.

    Args:
        in_channels: Channels I of the input.
        out_channels: Channels O of the output.
        **kwargs: As of mmcv's ``ConvModule``.
    """

    def __init__(self, in_channels: int, out_channels: int, **kwargs) -> None:
        super().__init__(in_channels, out_channels, 1, **kwargs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, I, H, W) to (B, O, 1, 1)."""
        pooled = F.adaptive_avg_pool2d(x, 1)
        norm = self.norm if self.with_norm else None
        alone = self.training and len(x) == 1 and isinstance(norm, nn.BatchNorm2d)
        if not alone:
            return super().forward(pooled)
        norm.eval()
        try:
            return super().forward(pooled)
        finally:
            norm.train()
