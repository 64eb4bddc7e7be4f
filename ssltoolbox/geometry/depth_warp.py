"""See the depth of one view from another view, where both show the same surface."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ssltoolbox.utils.on_device import on_device

from .camera import MIN_DEPTH, Motion, transfer

Sampling = Literal['centres', 'legacy', 'legacy_corners']
"""How pixel coordinates become those of ``grid_sample``.

``'centres'`` is exact. The original program wrote ``2 u / W - 1``, which samples half
a pixel too far to the left and top with ``align_corners=False``, torch's default since
1.3 (``'legacy'``), and shrinks the picture by a pixel with the older default
(``'legacy_corners'``).
"""


def warp_depth(
    depth: Tensor,
    other: Tensor,
    motion: Motion,
    intrinsics: Tensor,
    valid: Tensor,
    overlap_share: float = 0.9,
    sampling: Sampling = 'centres',
) -> tuple[Tensor, Tensor]:
    """Depth of this view as another view's depth map has it.

    The depth of the other view's pixels is turned into this camera's, and sampled where
    this view's own depth says that its pixels lie.

    Args:
        depth: (B, 1, H, W) of this view.
        other: (B, 1, H, W) of the other view.
        motion: From this camera to the other one.
        intrinsics: (B, 3, 3), in pixels of the maps.
        valid: (B, 1, H, W) 0 or 1, pixels of either view that show the scene.
        overlap_share: Share of a sample that must be valid pixels.
        sampling: The exact grid, or one of the original's.

    Returns:
        The depth (B, 1, H, W), 0 where nothing is sampled, and the overlap (B, 1, H, W)
        in {0, 1} of the same type, without gradient: where both views show the scene.
        Points behind the other camera are no overlap.

    Source: Liu et al., TMI 2020 (arXiv 1902.07766), depth warping layer.
    """
    valid = valid.to(depth)
    depth, other = depth * valid, other * valid
    there = transfer(depth, motion, intrinsics)
    seen = (valid > 0) & (there[:, 2:] > MIN_DEPTH)
    pixels = there[:, :2] / torch.where(seen, there[:, 2:], 1.0)
    grid = _normalise(pixels, sampling)
    # what is not seen samples far outside, where there is nothing
    grid = torch.where(seen, grid, 9.0).permute(0, 2, 3, 1)
    here = transfer(other, motion.inverse(), intrinsics)[:, 2:] * valid.double()
    corners = sampling == 'legacy_corners'
    warped = F.grid_sample(here, grid, align_corners=corners)
    with torch.no_grad():
        share = F.grid_sample(valid.double(), grid, align_corners=corners)
        overlap = (share * valid >= overlap_share).to(depth)
    return warped.to(depth.dtype), overlap


def _normalise(pixels: Tensor, sampling: Sampling) -> Tensor:
    """Coordinates of ``grid_sample`` of pixels (B, 2, H, W)."""
    height, width = pixels.shape[-2:]
    extent = on_device([width, height], pixels).view(1, 2, 1, 1)
    if sampling == 'centres':
        return (2 * pixels + 1) / extent - 1
    if sampling in ('legacy', 'legacy_corners'):
        return 2 * pixels / extent - 1
    raise ValueError(
        f"sampling must be 'centres', 'legacy' or 'legacy_corners', got {sampling!r}"
    )
