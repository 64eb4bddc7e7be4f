"""Fully convolutional DenseNet with the resolution of its input."""

from collections.abc import Sequence
from contextlib import contextmanager, nullcontext

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ssltoolbox.registry import MODELS

LAYERS = {
    57: ((4, 4, 4, 4, 4), 4, 12),
    67: ((5, 5, 5, 5, 5), 5, 16),
    103: ((4, 5, 7, 10, 12), 15, 16),
}
"""Layers of each block on the way down, in the middle, and growth, by depth."""


@MODELS.register_module()
class FCDenseNet(BaseModule):
    """Dense blocks down to a fraction of the resolution and up again.

    Source: Jegou et al., The One Hundred Layers Tiramisu, CVPRW 2017, as Liu et al.,
    TMI 2020, changed it: no dropout, and nearest upsampling with a 3x3 convolution in
    place of transposed convolutions, against grid artefacts. With a 1x1 convolution to
    one channel it has 1,374,865 (57), 3,460,353 (67) and 9,319,521 (103) parameters.

    Args:
        depth: 57, 67 or 103; or None, with the three that follow.
        down_layers: Layers of each block before a halving of the resolution; as many
            blocks follow on the way up, in reverse order.
        middle_layers: Layers of the block between.
        growth: Channels that each layer adds.
        first_channels: Channels of the first convolution.
        with_cp: Compute blocks anew in the backward pass in place of keeping what is
            inside: a quarter of the memory, a fifth more time, the same numbers.
        init_cfg: As of mmengine; by default Kaiming's for ReLU.

    Attributes:
        out_channels (int): Channels of the output.
    """

    def __init__(
        self,
        depth: int | None = 57,
        down_layers: Sequence[int] = (),
        middle_layers: int = 0,
        growth: int = 0,
        first_channels: int = 48,
        with_cp: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        init_cfg = init_cfg or dict(type='Kaiming', layer='Conv2d', mode='fan_in')
        super().__init__(init_cfg)
        if depth is not None:
            if depth not in LAYERS:
                raise ValueError(
                    f'FCDenseNet has depth 57, 67 or 103, got {depth}: choose one, or '
                    'None with down_layers, middle_layers and growth'
                )
            down_layers, middle_layers, growth = LAYERS[depth]
        self.with_cp = with_cp
        self.stem = nn.Conv2d(3, first_channels, 3, padding=1)
        self.down, self.shrink = nn.ModuleList(), nn.ModuleList()
        channels, skips = first_channels, []
        for layers in down_layers:
            self.down.append(DenseBlock(channels, growth, layers))
            channels += growth * layers
            skips.append(channels)
            self.shrink.append(transition_down(channels))
        self.middle = DenseBlock(channels, growth, middle_layers)
        self.grow, self.up = nn.ModuleList(), nn.ModuleList()
        new = growth * middle_layers
        for layers, skip in zip(reversed(down_layers), reversed(skips), strict=True):
            self.grow.append(nn.Conv2d(new, new, 3, padding=1))
            channels, new = new + skip, growth * layers
            self.up.append(DenseBlock(channels, growth, layers))
        self.out_channels = channels + new

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """Map (B, 3, H, W) to features (B, C, H, W).

        Raises:
            ValueError: Height or width cannot be halved as often as there are blocks.
        """
        multiple = 2 ** len(self.down)
        if x.shape[-2] % multiple or x.shape[-1] % multiple:
            raise ValueError(
                f'FCDenseNet halves its input {len(self.down)} times: height and width '
                f'must be multiples of {multiple}, got {x.shape[-2]} x {x.shape[-1]}'
            )
        x, skips = self.stem(x), []
        for block, shrink in zip(self.down, self.shrink, strict=True):
            x = torch.cat([x, self._new(block, x)], 1)
            skips.append(x)
            x = shrink(x)
        new = self._new(self.middle, x)
        for conv, block in zip(self.grow, self.up, strict=True):
            x = torch.cat([conv(F.interpolate(new, scale_factor=2)), skips.pop()], 1)
            new = self._new(block, x)
        return (torch.cat([x, new], 1),)

    def _new(self, block: nn.Module, x: Tensor) -> Tensor:
        """Features that a block adds."""
        if not (self.with_cp and self.training and torch.is_grad_enabled()):
            return block(x)
        return checkpoint(
            block,
            x,
            use_reentrant=False,
            context_fn=lambda: (nullcontext(), without_statistics(block)),
        )


class DenseBlock(nn.Module):
    """Layers of which each sees the input and what all before it added.

    Args:
        channels: Of the input.
        growth: Channels that each layer adds.
        layers: Number of layers.
    """

    def __init__(self, channels: int, growth: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm2d(channels + i * growth),
                nn.ReLU(inplace=True),
                nn.Conv2d(channels + i * growth, growth, 3, padding=1),
            )
            for i in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to what the layers add, (B, growth * layers, H, W)."""
        added: list[Tensor] = []
        for layer in self.layers:
            added.append(layer(torch.cat([x, *added], 1)))
        return torch.cat(added, 1)


def transition_down(channels: int) -> nn.Sequential:
    """Halve the resolution, after a 1x1 convolution."""
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 1),
        nn.MaxPool2d(2),
    )


@contextmanager
def without_statistics(module: nn.Module):
    """Leave the running statistics of batch norms alone: the first pass moved them.

    Copies of them move in their place, for a norm without any keeps fewer tensors for
    the backward pass, which is an error.
    """
    kept = [
        (part, name, buffer)
        for part in module.modules()
        for name, buffer in part.named_buffers(recurse=False)
    ]
    for part, name, buffer in kept:
        setattr(part, name, buffer.clone())
    try:
        yield
    finally:
        for part, name, buffer in kept:
            setattr(part, name, buffer)
