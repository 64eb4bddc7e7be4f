"""What became of the pseudo labels of each image of a step, as plain numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ssltoolbox.evaluation.dense_label import depth_error, map_overlap, pixel_accuracy
from ssltoolbox.losses.depth_scale import scale_to_sparse
from ssltoolbox.tasks.base import Task

MAX_DIST = 0.1
"""A keypoint is right up to this share of the longer side of its crop."""
KEPT, RELABELLED, DROPPED, WITHOUT = range(4)
PART_FATES = ('kept', 're-labelled', 'dropped', 'without label')
"""What became of one keypoint, by these numbers."""
FATES = ('kept', 'partly kept', 're-labelled', 'dropped')
"""What became of an image's labels."""

Facts = dict[str, Any]


@torch.no_grad()
def sample_facts(
    task: Task, report: dict, rows: list[int], names: Sequence[str] = ()
) -> list[Facts]:
    """Describe samples of a step, each by a dictionary that JSON can hold.

    ``fate``
        One of ``FATES``.
    ``values``
        Numbers by name, None where there is nothing to judge: shares that were
        ``kept`` and ``relabelled``, ``confidence`` of the teacher, its
        ``disagreement`` with the label, and where the truth is known how many labels
        are ``right``, as a share, or their ``error``. Depth has ``near`` and ``far``.
    ``parts``
        The same for each keypoint or class, by its name; or the ``share`` of pixels.

    Args:
        task: The task adapter.
        report: What the method reports of the step, see
            :class:`~ssltoolbox.methods.base.Method`.
        rows: Places of the samples in the batch.
        names: Of the keypoints or classes; their numbers where there are none.

    Raises:
        KeyError: The task is none of those that are known here.
    """
    found = FACTS[task.name](task, report)
    values, parts = (
        {name: value[rows].tolist() for name, value in found[kind].items()}
        for kind in ('values', 'parts')
    )
    count = max((len(each[0]) for each in parts.values()), default=0)
    names = [*names[:count], *map(str, range(len(names), count))]
    facts = []
    for i in range(len(rows)):
        mine = {name: _plain(column[i]) for name, column in values.items()}
        facts.append(
            dict(
                fate=fate_of(mine['kept'] or 0.0, mine.get('relabelled') or 0.0),
                values=mine,
                parts={
                    name: {key: _part(key, each[i][k]) for key, each in parts.items()}
                    for k, name in enumerate(names)
                },
            )
        )
    return facts


def fate_of(kept: float, relabelled: float = 0.0) -> str:
    """Name what became of the labels of an image.

    Args:
        kept: Share of its labels that are learnt from.
        relabelled: Share that was replaced by new labels.

    >>> fate_of(1.0), fate_of(0.5), fate_of(0.5, 0.1), fate_of(0.0)
    ('kept', 'partly kept', 're-labelled', 'dropped')
    """
    if relabelled > 0:
        return 're-labelled'
    return 'dropped' if not kept > 0 else 'kept' if kept >= 1 else 'partly kept'


def _plain(value: float) -> float | None:
    """Round to four digits; None for what is no number."""
    return float(f'{value:.4g}') if abs(value) < float('inf') else None


def _part(key: str, value: float) -> float | str | None:
    return PART_FATES[int(value)] if key == 'fate' else _plain(value)


def keypoint_facts(task: Task, report: dict) -> dict[str, dict[str, Tensor]]:
    """Facts of (B, K) keypoints, see :func:`sample_facts`."""
    batch, label = report['views']['strong'], report['label']
    truth, longer = task.truth(batch), max(batch.view.size)
    changed, offered = report['relabelled'] > 0, label.weight != 0
    kept = (report['kept'] > 0) & offered & ~changed
    has = offered | changed
    fate = torch.full_like(label.weight, WITHOUT)
    for number, mask in ((DROPPED, offered), (KEPT, kept), (RELABELLED, changed)):
        fate = torch.where(mask, number, fate)
    used = torch.where(changed[..., None], report['relabel'].value, label.value)
    gap = (used - truth.value).float().norm(dim=-1) / longer
    judged = (kept | changed) & (truth.weight > 0)
    sure = label
    values, parts = {}, {'fate': fate}
    if 'teacher' in report:
        sure = task.project(report['teacher'], batch)
        moved = (sure.value - label.value).float().norm(dim=-1) / longer
        parts['disagreement'] = torch.where(offered, moved, torch.nan)
        values['disagreement'] = parts['disagreement'].nanmean(1)
    values['confidence'] = sure.score.float().mean(1)
    parts['confidence'] = sure.score
    count = has.sum(1)
    values['kept'] = kept.sum(1) / count
    values['relabelled'] = changed.sum(1) / count
    values['right'] = ((gap <= MAX_DIST) & judged).sum(1) / judged.sum(1)
    values['error'] = torch.where(judged, gap, 0.0).sum(1) / judged.sum(1)
    return dict(values=values, parts=parts)


def class_facts(task: Task, report: dict) -> dict[str, dict[str, Tensor]]:
    """Facts of (B, h, w) classes, see :func:`sample_facts`."""
    values = _dense(task, report, pixel_accuracy, 'right')
    label, kept = report['label'], report['kept'] > 0
    if 'teacher' in report:
        taught = task.project(report['teacher'], report['views']['strong'])
        both = (label.weight > 0) & (taught.weight > 0)
        differs = (taught.value != label.value) & both
        values['disagreement'] = differs.flatten(1).sum(1) / both.flatten(1).sum(1)
    count = int(label.value.max()) + 1
    count = max(count, int(getattr(task, 'num_classes', count)))
    shares = [((label.value == c) & kept).flatten(1) for c in range(count)]
    share = torch.stack([each.float().mean(1) for each in shares], 1)
    return dict(values=values, parts={'share': share})


def map_facts(task: Any, report: dict) -> dict[str, dict[str, Tensor]]:
    """Facts of (B, C, h, w) maps of joints and connections."""
    values = _dense(task, report, map_overlap, 'right')
    label, parts = report['label'], {}
    if 'teacher' in report:
        taught = task.project(report['teacher'], report['views']['strong'])
        both = (label.weight > 0) & (taught.weight > 0)
        overlap = _each(map_overlap, taught.value, label.value, both)
        values['disagreement'] = 1 - overlap
        joints = taught.value[:, : task.codec.num_joints]
        parts['confidence'] = joints.amax((-2, -1))
    return dict(values=values, parts=parts)


def depth_facts(task: Task, report: dict) -> dict[str, dict[str, Tensor]]:
    """Facts of depth (B, 1, h, w), in the scale of the points, where there are some."""
    batch: Any = report['views']['strong']
    truth, said = task.truth(batch), report['teacher'].value
    points, valid = batch.depth_weight > 0, batch.valid > 0
    depth = scale_to_sparse(
        said, batch.depth, batch.depth_weight, statistic='median'
    ).depth
    known = torch.where(valid, depth, torch.nan).flatten(1)
    share = torch.tensor([0.02, 0.98], device=known.device)
    near, far = known.nanquantile(share, 1)
    values = dict(
        kept=(report['kept'] > 0).flatten(1).any(1).float(),
        disagreement=_each(depth_error, depth, batch.depth, points),
        error=_each(depth_error, depth, truth.value, truth.weight > 0),
        points=points.flatten(1).sum(1).float(),
        near=near,
        far=far,
    )
    return dict(values=values, parts={})


FACTS: dict[str, Callable[[Any, dict], dict[str, dict[str, Tensor]]]] = {
    'pose': keypoint_facts,
    'bottomup_pose': map_facts,
    'seg': class_facts,
    'depth': depth_facts,
}
"""What is told of the labels of a task."""


def _dense(task: Task, report: dict, score: Callable, name: str) -> dict[str, Tensor]:
    batch, label = report['views']['strong'], report['label']
    truth, kept = task.truth(batch), report['kept'] > 0
    score_of = report.get('teacher', label).score.float()
    # of an image or of its pixels
    sure = score_of.reshape(len(score_of), -1).mean(1)
    judged = (truth.weight > 0) & kept
    return {
        'confidence': sure,
        'kept': kept.flatten(1).float().mean(1),
        name: _each(score, label.value, truth.value, judged),
    }


def _each(
    score: Callable[[Tensor, Tensor, Tensor], Tensor],
    found: Tensor,
    truth: Tensor,
    judged: Tensor,
) -> Tensor:
    """Score each sample by itself, (B,)."""
    rows = zip(found.split(1), truth.split(1), judged.split(1), strict=True)
    return torch.stack([score(*row).float() for row in rows])
