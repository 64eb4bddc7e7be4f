"""Pictures of depth: what the network says, and the points that it learns from."""

from typing import Any

import numpy as np
from torch import Tensor

from ssltoolbox.evaluation.dense_label import depth_error
from ssltoolbox.losses.depth_scale import scale_to_sparse
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Task

from .draw import enlarge
from .report import Columns, Shown, to_array
from .sfm import depth_colours, draw_points, point_icons


def depth_columns(task: Task, report: dict, shown: Shown) -> Columns:
    """Draw depth in the colours of the points: near is blue, far is red.

    Columns are the depth that the method reports, in the scale of the points, the
    points on the frame, and the truth, where it is known.

    Args:
        task: The task adapter.
        report: What the method reports of its step.
        shown: The samples to draw.
    """
    batch: Any = shown.views['strong']
    said = report['teacher'].value
    depth = scale_to_sparse(
        said, batch.depth, batch.depth_weight, statistic='median'
    ).depth
    truth = task.truth(batch)
    known = bool((truth.weight[shown.rows] > 0).any())
    names = ('depth', 'points', 'truth') if known else ('depth', 'points')
    columns: dict[str, list] = {name: [] for name in names}
    for i, row in enumerate(shown.rows):
        points = to_array(batch.depth[row, 0])
        valid = to_array(batch.valid[row, 0]) > 0
        span = _span(points[points > 0], to_array(depth[row, 0])[valid])
        image = shown.images['strong'][i]
        columns['depth'].append(_map(depth[row, 0], valid, span))
        columns['points'].append(_points(image, points, span))
        if known:
            columns['truth'].append(_map(truth.value[row, 0], valid, span))
    titles = [_title(batch, depth, truth, shown, row) for row in shown.rows]
    icons = point_icons()
    return columns, titles, {name: icons[name] for name in ('near', 'far')}


def _span(points: np.ndarray, depth: np.ndarray) -> tuple[float, float]:
    """Nearest and farthest depth with a colour: of the points, if there are some."""
    low, high = np.percentile(points if len(points) > 1 else depth, (2, 98))
    return float(low), float(max(high, 1.01 * low, 1e-6))


def _map(depth: Tensor, valid: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    values = to_array(depth)
    colours = depth_colours(values.ravel(), *span).reshape(*values.shape, 3)
    return np.where(valid[..., None], colours, 0).astype(np.uint8)


def _points(
    image: np.ndarray, depth: np.ndarray, span: tuple[float, float]
) -> np.ndarray:
    rows, columns = np.nonzero(depth)
    larger, pixels = enlarge(image, np.stack([columns, rows], 1).astype(float))
    kept = np.ones(len(rows), bool)
    return draw_points(larger, pixels, depth[rows, columns], kept, span)


def _title(batch, depth: Tensor, truth: PseudoLabel, shown: Shown, row: int) -> str:
    """One line, such as ``image 7: 312 points, AbsRel 0.081 at them, 0.112 in all``."""
    one = slice(row, row + 1)
    points = batch.depth_weight[one] > 0
    parts = [f'{int(points.sum())} points']
    at_points = depth_error(depth[one], batch.depth[one], points).item()
    if not np.isnan(at_points):
        parts.append(f'AbsRel {at_points:.3f} at them')
    everywhere = depth_error(depth[one], truth.value[one], truth.weight[one] > 0)
    if not np.isnan(everywhere.item()):
        parts.append(f'{everywhere.item():.3f} in all pixels')
    name = batch.samples[row].metainfo.get('name', '?').rsplit('/', 1)[-1]
    return f'{name}: {", ".join(parts)}'
