"""Bring what a network says of a changed view back to the plain view."""

import numpy as np
import torch
from torch import Tensor

from .view import View, mirrored_axes
from .warp import Grid, project_maps


def undo_view(
    maps: Tensor,
    view: np.ndarray,
    plain: np.ndarray,
    size: tuple[int, int],
    grid: Grid = 'areas',
) -> tuple[Tensor, Tensor | None]:
    """Move maps of a changed view to the plain one; mirrored ones to the bit.

    The matrices are those of the samples, on the host, so that an accelerator is not
    waited for.

    Args:
        maps: (B, C, h, w) in cells of the changed view.
        view: (B, 3, 3), pixels of each image -> pixels of its changed view.
        plain: (B, 3, 3), the same of its plain view.
        size: (w, h) of both views in pixels.
        grid: Pixels that the cells stand for, see
            :func:`~ssltoolbox.geometry.warp.cell_matrix`.

    Returns:
        The moved maps (B, C, h, w), and where they are known, (B, 1, h, w) bool, or
        None if everywhere.
    """
    changes = [mirrored_axes(change, size) for change in view @ np.linalg.inv(plain)]
    axes = changes[0]
    # cells of a stride lie to the left of their pixels: none is another's mirror image
    symmetric = grid != 'stride' or maps.shape[-2:] == (size[1], size[0])
    if axes is None or set(changes) != {axes} or not symmetric:
        source, target = (View(_like(m, maps), size) for m in (view, plain))
        return project_maps(maps, source, target, grid=grid)
    dims = [dim for dim, mirrored in zip((-1, -2), axes, strict=True) if mirrored]
    return (maps.flip(dims) if dims else maps), None


def _like(matrices: np.ndarray, maps: Tensor) -> Tensor:
    return torch.from_numpy(matrices).to(maps.device)
