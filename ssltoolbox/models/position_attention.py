"""Attention between the places of a feature map, as MANet has it."""

from torch import Tensor, nn


class PositionAttention(nn.Module):
    """Add to every place what attention collects from all others.

    Weights of all pairs of places together sum to 1, not those of each place.

    Args:
        channels: Channels C of input and output.
        key_channels: Channels in which places are compared.
        keep_positions: Whether what a place has collected is added to that place.
            Otherwise the matrix (hw, C) is read row by row as (C, h, w), without being
            transposed, which scatters places over channels and channels over places.
    """

    def __init__(self, channels: int, key_channels: int, keep_positions: bool) -> None:
        super().__init__()
        self.keep_positions = keep_positions
        self.top = nn.Conv2d(channels, key_channels, 1)
        self.centre = nn.Conv2d(channels, key_channels, 1)
        self.bottom = nn.Conv2d(channels, channels, 3, padding=1)
        self.out = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to (B, C, h, w)."""
        top, centre, bottom = (
            each(x).flatten(2) for each in (self.top, self.centre, self.bottom)
        )
        pairs = centre.transpose(1, 2) @ top
        weights = pairs.flatten(1).softmax(1).view_as(pairs)
        collected = weights.to(bottom.dtype) @ bottom.transpose(1, 2)
        if self.keep_positions:
            collected = collected.transpose(1, 2)
        return self.out(x + collected.reshape(x.shape))
