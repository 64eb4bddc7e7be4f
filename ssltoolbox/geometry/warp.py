"""Resample images and maps between views, on whatever device they are."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ssltoolbox.utils.on_device import on_device

from .view import View, invert_affine

Grid = Literal['stride', 'corners', 'areas']


def warp(
    maps: Tensor,
    matrix: Tensor,
    size: tuple[int, int],
    mode: str = 'bilinear',
    subpixels: int | None = None,
) -> Tensor:
    """Resample maps by an affine matrix, with zeros outside.

    Args:
        maps: (B, C, H, W) images, heatmaps, logits or masks.
        matrix: (B, 3, 3), input pixels -> output pixels, pixel-centre coordinates:
            (0, 0) is the centre of the first pixel.
        size: (w, h) of the output in pixels.
        mode: ``'bilinear'``, or ``'nearest'`` for label maps.
        subpixels: Round source coordinates to this share of a pixel; 32 gives what
            OpenCV's ``warpAffine`` gave before version 5.

    Returns:
        (B, C, h, w), in the type of ``maps``.
    """
    (w, h), (height, width) = size, maps.shape[-2:]
    inverse = invert_affine(matrix.double())
    ys, xs = torch.meshgrid(
        torch.arange(h, device=maps.device, dtype=torch.double),
        torch.arange(w, device=maps.device, dtype=torch.double),
        indexing='ij',
    )
    grid = torch.stack([xs, ys], -1).view(1, -1, 2).expand(len(maps), -1, -1)
    if subpixels is None:
        source = grid @ inverse[:, :2, :2].mT + inverse[:, None, :2, 2]
    else:
        source = _fixed_point(inverse, xs, ys, subpixels)
    extent = on_device([max(width - 1, 1), max(height - 1, 1)], source)
    # half precision would misplace pixels, whole numbers cannot be sampled
    exact = maps if maps.dtype == torch.double else maps.float()
    normalised = (source / extent * 2 - 1).view(len(maps), h, w, 2).to(exact)
    sampled = F.grid_sample(exact, normalised, mode=mode, align_corners=True)
    return sampled.to(maps.dtype)


def _fixed_point(inverse: Tensor, xs: Tensor, ys: Tensor, subpixels: int) -> Tensor:
    """Source coordinates (B, h * w, 2) in OpenCV's fixed-point arithmetic."""
    unit = 1024
    terms = inverse[:, :2, :, None, None]
    rows = torch.round((terms[:, :, 1] * ys + terms[:, :, 2]) * unit)
    columns = torch.round(terms[:, :, 0] * xs * unit)
    step = unit // subpixels
    steps = torch.floor((rows + columns + step // 2) / step)
    return (steps / subpixels).flatten(2).mT


def cell_matrix(
    view_size: tuple[int, int],
    map_size: tuple[int, int],
    grid: Grid = 'stride',
    device: torch.device | str | None = None,
) -> Tensor:
    """Where the cells of a smaller map lie in its view.

    Args:
        view_size: (W, H) of the view in pixels.
        map_size: (w, h) of the map in cells.
        grid: Pixel that cell ``i`` stands for. ``'stride'``: ``i W / w``, heatmaps of
            MSRA; ``'corners'``: ``i (W - 1) / (w - 1)``, heatmaps of UDP, whose corner
            cells are the corner pixels; ``'areas'``: ``(i + 1/2) W / w - 1/2``, the
            middle of the pixels under a cell, logits and masks.
        device: Where the matrix is wanted; the host does not wait for it.

    Returns:
        (3, 3) float64, cells -> view pixels.

    Raises:
        ValueError: For another grid.
    """
    matrix = torch.eye(3, dtype=torch.double)
    for i, (length, cells) in enumerate(zip(view_size, map_size, strict=True)):
        if grid == 'corners' and cells > 1:
            matrix[i, i] = (length - 1) / (cells - 1)
            continue
        matrix[i, i] = stride = length / cells
        if grid == 'areas':
            matrix[i, 2] = (stride - 1) / 2
        elif grid not in ('stride', 'corners'):
            raise ValueError(
                f"grid must be 'stride', 'corners' or 'areas', got {grid!r}"
            )
    return matrix.to(device, non_blocking=True)


def project_maps(
    maps: Tensor,
    source: View,
    target: View,
    flip_indices: Tensor | None = None,
    mode: str = 'bilinear',
    grid: Grid = 'stride',
) -> tuple[Tensor, Tensor]:
    """Move heatmaps, logits or masks from one view to another.

    Maps may be smaller than their view; the target maps then are smaller than theirs
    by the same factor.

    Args:
        maps: (B, C, h, w) in the grid of ``source``.
        source: View the maps are in.
        target: View they are wanted in.
        flip_indices: (C,) mirror partner of each channel, for keypoint heatmaps.
        mode: ``'bilinear'`` or ``'nearest'``.
        grid: Pixels that the cells stand for, see :func:`cell_matrix`; a
            :class:`~ssltoolbox.codecs.batched_heatmap.BatchedHeatmapCodec` knows its
            own.

    Returns:
        The moved maps (B, C, h', w') and a mask (B, 1, h', w'), True where a cell
        was inside the source.
    """
    old = maps.shape[-1], maps.shape[-2]
    w, h = (
        round(length * cells / whole)
        for length, cells, whole in zip(target.size, old, source.size, strict=True)
    )
    before, after = (
        cell_matrix(view.size, size, grid, source.matrix.device)[None]
        for view, size in ((source, old), (target, (w, h)))
    )
    matrix = invert_affine(after) @ source.to(target) @ before
    moved = warp(maps, matrix, (w, h), mode)
    valid = warp(torch.ones_like(maps[:, :1]), matrix, (w, h), 'nearest') > 0.5
    if flip_indices is not None:
        swap = source.mirrored != target.mirrored
        moved = torch.where(swap[:, None, None, None], moved[:, flip_indices], moved)
    return moved, valid
