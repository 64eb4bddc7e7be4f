"""Pinhole cameras: where the pixels of one view lie in another view of a rigid scene.

Pixel centres have whole coordinates: (0, 0) is the centre of the first pixel.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ssltoolbox.utils.on_device import on_device

MIN_DEPTH = 1e-8
"""Points nearer to a camera than this, or behind it, are not seen by it."""


@dataclass(frozen=True)
class Motion:
    """Rigid motion from the coordinates of one camera to those of another.

    A point ``X`` of the first camera is ``rotation @ X + translation`` of the second.

    Attributes:
        rotation: (B, 3, 3).
        translation: (B, 3, 1), in the unit of the depths.
    """

    rotation: Tensor
    translation: Tensor

    def __post_init__(self) -> None:
        batch = len(self.rotation)
        found = tuple(self.rotation.shape), tuple(self.translation.shape)
        if found != ((batch, 3, 3), (batch, 3, 1)):
            raise ValueError(
                f'Motion needs rotation (B, 3, 3) and translation (B, 3, 1), got '
                f'{found[0]} and {found[1]}'
            )

    def inverse(self) -> 'Motion':
        """Motion from the second camera to the first."""
        back = self.rotation.mT
        return Motion(back, -back @ self.translation)

    @classmethod
    def between(cls, source: Tensor, target: Tensor) -> 'Motion':
        """Motion from camera to camera, of world -> camera matrices (B, 4, 4)."""
        matrix = target @ torch.linalg.inv(source)
        return cls(matrix[:, :3, :3], matrix[:, :3, 3:])


def pixel_rays(size: tuple[int, int], like: Tensor) -> Tensor:
    """Homogeneous pixel coordinates (3, h * w) float64 of a view (w, h), row by row."""
    w, h = size
    ys, xs = torch.meshgrid(
        torch.arange(h, dtype=torch.double, device=like.device),
        torch.arange(w, dtype=torch.double, device=like.device),
        indexing='ij',
    )
    return torch.stack([xs, ys, torch.ones_like(xs)]).flatten(1)


def back_project(depth: Tensor, intrinsics: Tensor) -> Tensor:
    """Points (B, 3, H, W) of the pixels of depth maps, in camera coordinates.

    Args:
        depth: (B, 1, H, W), along the optical axis.
        intrinsics: (B, 3, 3) in pixels of the map, without skew.

    Returns:
        x to the right, y downwards, z forwards, in the unit and type of ``depth``.
    """
    height, width = depth.shape[-2:]
    rays = pixel_rays((width, height), depth).to(depth).view(1, 3, height, width)
    fx, fy, cx, cy = (
        intrinsics[:, row, column].to(depth)[:, None, None]
        for row, column in ((0, 0), (1, 1), (0, 2), (1, 2))
    )
    x, y = (rays[:, 0] - cx) / fx, (rays[:, 1] - cy) / fy
    return torch.stack([x, y, rays[:, 2].expand_as(x)], 1) * depth


def transfer(depth: Tensor, motion: Motion, intrinsics: Tensor) -> Tensor:
    """Homogeneous pixels (B, 3, H, W) float64, in another view, of the pixels of one.

    ``q = Z K R K^-1 x + K t``. The third coordinate is the depth in the other view, for
    the last row of ``K`` is (0, 0, 1); where it is positive, the point is seen at the
    first two divided by it.

    Args:
        depth: (B, 1, H, W) Z of the first view.
        motion: From the first camera to the other one.
        intrinsics: (B, 3, 3) K of both views, in pixels of the map.
    """
    batch, _, height, width = depth.shape
    k = intrinsics.double()
    turned = k @ motion.rotation.double() @ _inverse(k)
    rays = turned @ pixel_rays((width, height), depth)
    moved = rays * depth.double().view(batch, 1, -1) + k @ motion.translation.double()
    return moved.view(batch, 3, height, width)


def flow_from_depth(
    depth: Tensor,
    motion: Motion,
    intrinsics: Tensor,
    valid: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Optical flow that a depth map and the motion of the camera imply.

    Args:
        depth: (B, 1, H, W) of the first view.
        motion: From the first camera to the other one.
        intrinsics: (B, 3, 3), in pixels of the map.
        valid: (B, 1, H, W), pixels that show the scene; None for all.

    Returns:
        Flow (B, 2, H, W) in the type of ``depth``, x before y, as shares of width and
        height, and which of it counts, (B, 1, H, W) bool. It is 0 elsewhere, and so is
        its gradient.

    Source: Liu et al., TMI 2020 (arXiv 1902.07766). The program divides by whatever
    depth it finds, which gives huge numbers and NaN near the camera plane.
    """
    height, width = depth.shape[-2:]
    there = transfer(depth, motion, intrinsics)
    seen = there[:, 2:] > MIN_DEPTH
    if valid is not None:
        seen = seen & (valid > 0)
    pixels = there[:, :2] / torch.where(seen, there[:, 2:], 1.0)
    start = pixel_rays((width, height), depth)[:2].view(1, 2, height, width)
    extent = on_device([width, height], start).view(1, 2, 1, 1)
    flow = torch.where(seen, (pixels - start) / extent, 0.0)
    return flow.to(depth.dtype), seen


def _inverse(k: Tensor) -> Tensor:
    """Invert upper triangular (B, 3, 3) without a host synchronisation."""
    unit = torch.eye(3, dtype=k.dtype, device=k.device).expand_as(k)
    return torch.linalg.solve_triangular(k, unit, upper=True)
