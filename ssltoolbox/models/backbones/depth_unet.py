"""U-Net without normalisation, the teacher of endoscopic depth."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class DepthUNet(BaseModule):
    """U-Net with average pooling, nearest upsampling and no norm.

    Source: Liu et al., CARE 2018, whose teacher has depth 7 and 8 first channels: with
    a 1x1 convolution to one channel 8,652,985 parameters.

    Args:
        depth: Levels of resolution, 2 or more.
        base_channels: Channels of the first; each further level has twice as many.
        init_cfg: As of mmengine; by default Kaiming's for ReLU.

    Attributes:
        out_channels (int): Channels of the output.
    """

    def __init__(
        self, depth: int = 7, base_channels: int = 8, init_cfg: dict | None = None
    ) -> None:
        init_cfg = init_cfg or dict(type='Kaiming', layer='Conv2d', mode='fan_in')
        super().__init__(init_cfg)
        if depth < 2:
            raise ValueError(f'DepthUNet needs a depth of 2 or more, got {depth}')
        widths = [base_channels * 2**level for level in range(depth)]
        self.down = nn.ModuleList(
            double_conv(before, width)
            for before, width in zip([3, *widths], widths, strict=False)
        )
        self.shrink = nn.ModuleList(
            nn.Conv2d(2 * width, width, 3, padding=1) for width in widths[-2::-1]
        )
        self.up = nn.ModuleList(
            double_conv(2 * width, width) for width in widths[-2::-1]
        )
        self.out_channels = base_channels

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """Map (B, 3, H, W) to features (B, C, H, W).

        Raises:
            ValueError: Height or width cannot be halved at every level.
        """
        multiple = 2 ** (len(self.down) - 1)
        if x.shape[-2] % multiple or x.shape[-1] % multiple:
            raise ValueError(
                f'DepthUNet of depth {len(self.down)} needs height and width that are '
                f'multiples of {multiple}, got {x.shape[-2]} x {x.shape[-1]}'
            )
        skips: list[Tensor] = []
        for block in self.down:
            x = block(F.avg_pool2d(skips[-1], 2) if skips else x)
            skips.append(x)
        x = skips.pop()
        for shrink, block in zip(self.shrink, self.up, strict=True):
            x = shrink(F.interpolate(x, scale_factor=2))
            x = block(torch.cat([x, skips.pop()], 1))
        return (x,)


def double_conv(channels: int, width: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1),
        nn.ReLU(inplace=True),
    )
