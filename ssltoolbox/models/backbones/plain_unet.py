"""The U-Net of many textbooks: pooling down, interpolation up, skips between."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.registry import MODELS


class DoubleConv(nn.Sequential):
    """Two 3x3 convolutions with bias, each with norm and ReLU.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        norm_cfg: Config of the norms.
    """

    def __init__(self, in_channels: int, out_channels: int, norm_cfg: dict) -> None:
        layers: list[nn.Module] = []
        for before in (in_channels, out_channels):
            layers += [
                nn.Conv2d(before, out_channels, 3, padding=1),
                build_norm_layer(norm_cfg, out_channels)[1],
                nn.ReLU(inplace=True),
            ]
        super().__init__(*layers)


@MODELS.register_module()
class PlainUNet(BaseModule):
    """U-Net that halves by pooling and doubles by interpolation.

    mmseg's ``UNet`` is another network: 1024 channels at the bottom and twice the
    parameters. This one has 13,395,394 with a 1x1 convolution to two classes: what the
    table of Semi-Seg calls U-Net. Semi-Seg itself trains one on a ResNet-50 in its
    place, with 339 million.

    Source: Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", MICCAI 2015, with padded convolutions and batch norms; its lowest
    level is as wide as the one above, and no convolution is transposed.

    Args:
        in_channels: Channels of the images.
        channels: Channels of each resolution, the finest first.
        norm_cfg: Config of the norms.
        init_cfg: As in mmengine; None: torch's own weights.

    Raises:
        ValueError: There is one resolution only.
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: Sequence[int] = (64, 128, 256, 512, 512),
        norm_cfg: dict = dict(type='BN'),  # noqa: B006  as in mmseg
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if len(channels) < 2:
            raise ValueError(
                f'PlainUNet got channels={tuple(channels)}: give those of two or more '
                'resolutions'
            )
        self.down = nn.ModuleList(
            DoubleConv(before, width, norm_cfg)
            for before, width in zip((in_channels, *channels), channels, strict=False)
        )
        self.up = nn.ModuleList()
        x = channels[-1]
        for level in reversed(range(len(channels) - 1)):
            width = channels[max(level - 1, 0)]
            self.up.append(DoubleConv(channels[level] + x, width, norm_cfg))
            x = width

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map images to the features of the decoder, from the coarsest to the finest.

        Args:
            x: (B, 3, H, W) of any size from 16 pixels, with five resolutions. What
                pooling cuts off odd sizes is filled up with zeros on the way back.

        Returns:
            (B, 512, H/16, W/16), (B, 256, H/8, W/8), (B, 128, H/4, W/4),
            (B, 64, H/2, W/2) and (B, 64, H, W).

        Raises:
            ValueError: A side is too short to be halved so often.
        """
        least = 2 ** (len(self.down) - 1)
        if min(x.shape[-2:]) < least:
            raise ValueError(
                f'PlainUNet needs images of at least {least} x {least} px, got '
                f'{x.shape[-1]} x {x.shape[-2]} (w x h): enlarge input_size, or give '
                'fewer entries of channels'
            )
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        features = [skips.pop()]
        for block in self.up:
            features.append(block(_join(skips.pop(), features[-1])))
        return tuple(features)


def _join(skip: Tensor, x: Tensor) -> Tensor:
    """Double ``x`` (B, C, h, w), fill it up to the skip's size, and append it."""
    x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=True)
    rows, columns = (a - b for a, b in zip(skip.shape[-2:], x.shape[-2:], strict=True))
    sides = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    return torch.cat([skip, F.pad(x, sides)], 1)
