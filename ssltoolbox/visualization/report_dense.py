"""Pictures of dense labels: maps of joints and connections, and classes of pixels."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
from torch import Tensor

from ssltoolbox.evaluation.dense_label import map_overlap, pixel_accuracy
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Task

from .colors import PAPER
from .dense import Color, class_colors, distinct_colors, draw_classes, draw_maps, swatch
from .draw import enlarge
from .overlay import draw_poses
from .report import Columns, Shown, to_array

if TYPE_CHECKING:
    from ssltoolbox.tasks.bottomup_pose import BottomupPoseTask

MAX_NAMED = 8
MIN_SCORE = 0.1
DARK = (50, 50, 50)

Draw = Callable[[np.ndarray, PseudoLabel, int], np.ndarray]
"""An image, labels in its view, and the row of the image among them."""


def map_columns(task: 'BottomupPoseTask', report: dict, shown: Shown) -> Columns:
    """Draw maps in one colour per joint, and the instances that are found in them.

    Connections are white. An image whose label has no weight is dark and grey.

    Args:
        task: The task adapter, whose codec finds the instances.
        report: What the method reports of its step.
        shown: The samples to draw.
    """
    codec = task.codec
    links = len(codec.connections)
    colors = [*distinct_colors(codec.num_joints), *[PAPER] * links]
    meta = {'skeleton_links': codec.connections, **shown.meta}

    def draw(image: np.ndarray, label: PseudoLabel, row: int) -> np.ndarray:
        if not (label.weight[row] > 0).any():
            return _dark(image)
        points, scores = codec.decode(label.value[row])
        factor = _factor(image, codec.input_size)
        drawn = draw_maps(image, to_array(label.value[row]), colors)
        moved = (np.asarray(points) + 0.5) * factor - 0.5
        return draw_poses(drawn, moved, np.asarray(scores), meta, None, MIN_SCORE)

    def describe(row: int) -> str:
        found = codec.decode(report['label'].value[row])[0]
        return f'{len(found)} {"instance" if len(found) == 1 else "instances"}'

    titles = _titles(task, report, shown, map_overlap, 'overlap', describe)
    known = shown.meta.get('keypoint_id2name', {})
    names = [known.get(k, f'joint {k}') for k in range(codec.num_joints)]
    names += ['connections'] * bool(links)
    legend = _legend(names, colors)
    return _columns(report, shown, draw), titles, legend


def class_columns(task: Task, report: dict, shown: Shown) -> Columns:
    """Draw classes in the data set's colours; pixels without weight dark and grey.

    Args:
        task: The task adapter.
        report: What the method reports of its step.
        shown: The samples to draw.
    """
    names = shown.meta.get('classes') or []
    palette = class_colors(shown.meta)

    def draw(image: np.ndarray, label: PseudoLabel, row: int) -> np.ndarray:
        kept = to_array(label.weight[row] > 0)
        return draw_classes(image, to_array(label.value[row]), palette, kept)

    titles = _titles(task, report, shown, pixel_accuracy, 'right')
    legend = _legend(list(names), palette)
    return _columns(report, shown, draw), titles, legend


def _columns(report: dict, shown: Shown, draw: Draw) -> dict[str, list[np.ndarray]]:
    """Columns of the teacher, where there is one, and of the label."""
    label = report['label'].reweighted(_used(report, shown))
    columns = {'label': (label, 'strong')}
    if 'teacher' in report:
        taught = report['teacher']
        name = shown.name_of(taught)
        columns = {f'teacher ({name})': (taught, name), **columns}
    nowhere = np.zeros((0, 2))
    return {
        heading: [
            draw(enlarge(shown.images[name][i], nowhere)[0], labels, row)
            for i, row in enumerate(shown.rows)
        ]
        for heading, (labels, name) in columns.items()
    }


def _used(report: dict, shown: Shown) -> Tensor:
    """Weight of the labels, 0 where a method does not keep them."""
    weight, labelled = report['label'].weight, shown.views['strong'].labelled
    labelled = labelled.view(-1, *[1] * (weight.ndim - 1))
    return weight * ((report['kept'] > 0) | labelled)


def _titles(
    task: Task,
    report: dict,
    shown: Shown,
    score: Callable[..., Tensor],
    score_name: str,
    describe: Callable[[int], str] | None = None,
) -> list[str]:
    """One line for each sample, such as ``image 7, unlabelled: 80% kept, ...``."""
    truth, label, used = (
        task.truth(shown.views['strong']),
        report['label'],
        _used(report, shown),
    )
    titles = []
    for row in shown.rows:
        share = (used[row] > 0).float().mean().item()
        parts = [f'{share:.0%} kept' if share else 'no label kept']
        if describe and share:
            parts.append(describe(row))
        one = slice(row, row + 1)
        known = (truth.weight[one] > 0) & (used[one] > 0)
        value = score(label.value[one], truth.value[one], known).item()
        if not np.isnan(value):
            parts.append(f'{score_name} {value:.0%}')
        titles.append(f'{shown.subject(row)}: {", ".join(parts)}')
    return titles


def _legend(names: list[str], colors: list[Color]) -> dict[str, np.ndarray]:
    legend = {
        name: swatch(color)
        for name, color in zip(names[:MAX_NAMED], colors, strict=False)
    }
    if names:
        legend[names[-1]] = swatch(colors[len(names) - 1])
    return {**legend, 'not kept': swatch(DARK)}


def _factor(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.array([image.shape[1] / size[0], image.shape[0] / size[1]])


def _dark(image: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.cvtColor(np.uint8(grey * 0.4), cv2.COLOR_GRAY2BGR)
