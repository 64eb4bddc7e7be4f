"""One number per pixel, from the last map of a backbone."""

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class DepthHead(BaseModule):
    """A 1x1 convolution to one channel.

    Args:
        in_channels: Channels of the backbone's last map.
        init_cfg: As of mmengine; by default Kaiming's for ReLU.
    """

    def __init__(self, in_channels: int, init_cfg: dict | None = None) -> None:
        init_cfg = init_cfg or dict(type='Kaiming', layer='Conv2d', mode='fan_in')
        super().__init__(init_cfg)
        self.conv = nn.Conv2d(in_channels, 1, 1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Map features, the last (B, C, H, W), to (B, 1, H, W)."""
        return self.conv(features[-1])
