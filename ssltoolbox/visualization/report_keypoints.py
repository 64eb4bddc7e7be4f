"""Pictures of keypoints that were kept, dropped, or labelled anew."""

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.evaluation.pseudo_label import precision
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Task

from .colors import KEPT, RELABELLED, side_colors
from .draw import draw_pose, enlarge, joint_icon
from .report import Columns, Shown, to_array


def keypoint_columns(task: Task, report: dict, shown: Shown) -> Columns:
    """Draw the teacher's keypoints, and those that the student learned from.

    Args:
        task: The task adapter.
        report: What the method reports of its step.
        shown: The samples to draw.
    """
    links, rows = shown.meta.get('skeleton_links', []), shown.rows
    columns: dict[str, list] = {}

    def draw(name: str, points: Tensor, i: int, **look) -> np.ndarray:
        image, moved = enlarge(shown.images[name][i], to_array(points))
        return draw_pose(image, moved, links=links, **look)

    if 'teacher' in report:
        taught = report['teacher']
        name = shown.name_of(taught)
        names = list(shown.meta.get('keypoint_id2name', {}).values())
        sides = side_colors(names) or None
        columns[f'teacher ({name})'] = [
            draw(
                name, taught.value[r], i, colors=sides, scores=to_array(taught.score[r])
            )
            for i, r in enumerate(rows)
        ]
    fate = fates(report)
    points = _final_points(report, fate)
    columns['kept labels'] = [
        draw(
            'strong',
            points[r],
            i,
            weights=to_array(~fate['dropped'][r]),
            relabelled=to_array(fate['re-labelled'][r]),
        )
        for i, r in enumerate(rows)
    ]
    label = report['label']
    used = {'kept': label, 're-labelled': report['relabel'], 'dropped': label}
    titles = [describe(task, shown, used, fate, row) for row in rows]
    legend = {
        'kept': joint_icon(KEPT),
        're-labelled': joint_icon(RELABELLED, relabelled=True),
        'dropped': joint_icon(kept=False),
    }
    return columns, titles, legend


def _final_points(report: dict, fate: dict[str, Tensor]) -> Tensor:
    changed, absent = fate['re-labelled'][..., None], fate['without label'][..., None]
    points = torch.where(changed, report['relabel'].value, report['label'].value)
    return points.masked_fill(absent, torch.nan)


def fates(report: dict) -> dict[str, Tensor]:
    """Masks (B, K): what became of each keypoint; exactly one is true of each."""
    relabelled = report['relabelled'] > 0
    labelled = report['views']['strong'].labelled[:, None]
    has_label = report['label'].weight != 0
    # The method takes a person's label whether or not its loss is small.
    kept = ((report['kept'] > 0) | labelled) & has_label & ~relabelled
    return {
        'kept': kept,
        're-labelled': relabelled,
        'dropped': has_label & ~kept & ~relabelled,
        'without label': ~has_label & ~relabelled,
    }


def describe(
    task: Task,
    shown: Shown,
    labels: dict[str, PseudoLabel],
    fate: dict[str, Tensor],
    row: int,
) -> str:
    """One line on the labels of a sample, such as ``9 kept (8 right)``."""
    batch, one = shown.views['strong'], slice(row, row + 1)
    truth = task.truth(batch)
    parts = []
    for name, mask in fate.items():
        text = f'{int(mask[row].sum())} {name}'
        if name in labels:
            share = precision(
                labels[name].value[one],
                truth.value[one],
                truth.weight[one],
                mask[one],
                batch.view.size,
            ).item()
            text += '' if np.isnan(share) else f' ({share:.0%} right)'
        parts.append(text)
    return f'{shown.subject(row)}: {", ".join(parts)}'
