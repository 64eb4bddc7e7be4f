"""How strongly a map says that two points are connected."""

import torch
import torch.nn.functional as F
from torch import Tensor


def segment_points(starts: Tensor, ends: Tensor, count: int) -> Tensor:
    """Places that divide segments evenly by length, with both ends.

    Args:
        starts: (..., 2).
        ends: (..., 2).
        count: Number n of places; of one alone it is the end, as published.

    Returns:
        (..., n, 2), from start to end.
    """
    share = starts.new_ones(1)
    if count > 1:
        share = torch.linspace(0, 1, count, dtype=starts.dtype, device=starts.device)
    return torch.lerp(starts.unsqueeze(-2), ends.unsqueeze(-2), share[:, None])


def mean_along(maps: Tensor, starts: Tensor, ends: Tensor, count: int) -> Tensor:
    """Mean of a map along every segment from one set of points to another.

    The published program adds up the values at every column, so a long or flat
    segment counts more than a steep one; and it reads the map mirrored at its
    diagonal, by an exchange of x and y.

    Args:
        maps: (B, L, h, w), one per connection; 0 outside.
        starts: (B, L, P, 2) candidates for the first joint, in cells.
        ends: (B, L, Q, 2) candidates for the second.
        count: Places per segment.

    Returns:
        (B, L, P, Q).
    """
    b, num, h, w = maps.shape
    p, q = starts.shape[2], ends.shape[2]
    places = segment_points(
        starts.unsqueeze(3).expand(-1, -1, -1, q, -1),
        ends.unsqueeze(2).expand(-1, -1, p, -1, -1),
        count,
    )
    # x and y apart: a tensor of both factors would be a copy from the host
    scaled = [
        places[..., i] * (2 / max(side - 1, 1)) - 1 for i, side in enumerate((w, h))
    ]
    grid = torch.stack(scaled, -1).view(b * num, p * q, count, 2)
    flat = maps.reshape(b * num, 1, h, w)
    values = F.grid_sample(flat, grid.to(flat), align_corners=True)
    return values.mean(-1).view(b, num, p, q)
