"""Draw the points of structure from motion into maps of one view."""

from dataclasses import dataclass

import numpy as np

from .brightness import project, visible
from .prepare import PreparedSequence


@dataclass(frozen=True)
class SparseMaps:
    """What is known of one view, at the pixels of points; 0 elsewhere.

    Attributes:
        depth: (1, h, w) float32, in the unit of the sequence.
        depth_weight: (1, h, w) float32.
        flow: (2, h, w) float32, x before y, to the other view, as shares of w and h.
        flow_weight: (1, h, w) float32.
        found_weight: (1, h, w) float32, the same where, of what was drawn, only points
            count that were found in the very view, if there are any.
    """

    depth: np.ndarray
    depth_weight: np.ndarray
    flow: np.ndarray
    flow_weight: np.ndarray
    found_weight: np.ndarray


def sparse_maps(
    sequence: PreparedSequence,
    view: int,
    other: int,
    track_constant: float | None = None,
    max_flow: float = 5.0,
    last_wins: bool = False,
) -> SparseMaps:
    """Maps of a view and its flow to another view of the sequence.

    Args:
        sequence: The sequence.
        view: Position of the view among the registered ones.
        other: That of the other view.
        track_constant: Weigh a point that was found in n views by ``1 - exp(-n / c)``,
            with this c; None: all points alike.
        max_flow: Points whose flow is longer have none: the sum of both components, in
            widths and heights of the frame.
        last_wins: Of points at one pixel take the last one, as the original does, and
            not the nearest one; they need not be before the other camera either.
    """
    height, width = sequence.mask.shape
    depth = np.zeros((1, height, width), np.float32)
    flow = np.zeros((2, height, width), np.float32)
    weights = np.zeros((3, 1, height, width), np.float32)
    pixels, z = project(sequence.points, sequence.extrinsics[view], sequence.intrinsics)
    there, z_there = project(
        sequence.points, sequence.extrinsics[other], sequence.intrinsics
    )
    weight = np.ones(len(z))
    if track_constant is not None:
        weight = 1 - np.exp(-sequence.seen.sum(1) / track_constant)
    order = np.arange(len(z)) if last_wins else np.argsort(-z, kind='stable')
    shown = visible(pixels, z, sequence.mask) & sequence.near[:, view]
    drawn = order[shown[order]]
    rows, columns = _at(pixels, drawn)
    depth[0, rows, columns] = z[drawn] / sequence.scale
    weights[0, 0, rows, columns] = weight[drawn]
    if not last_wins:
        shown = shown & (z_there > 0)
    drawn = order[shown[order]]
    rows, columns = _at(pixels, drawn)
    with np.errstate(invalid='ignore'):
        moved = np.round(there[drawn]) - np.round(pixels[drawn])
    moved = np.nan_to_num(moved / (width, height), nan=np.inf)
    near = np.abs(moved).sum(1) <= max_flow
    flow[:, rows, columns] = np.where(near[:, None], moved, 0).T
    weights[1, 0, rows, columns] = weight[drawn] * near
    found = near & sequence.seen[drawn, view]
    weights[2, 0, rows, columns] = weight[drawn] * (found if found.any() else near)
    return SparseMaps(depth, weights[0], flow, weights[1], weights[2])


def _at(pixels: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the chosen pixels."""
    columns, rows = np.round(pixels[which]).astype(int).T
    return rows, columns
