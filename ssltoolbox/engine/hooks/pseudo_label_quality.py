"""Log how many pseudo labels a method uses, and how good they are."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from torch import Tensor

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.evaluation.dense_label import (
    depth_error,
    map_error,
    map_overlap,
    mean_iou,
    pixel_accuracy,
)
from ssltoolbox.evaluation.pseudo_label import mean_error, precision
from ssltoolbox.registry import HOOKS
from ssltoolbox.tasks.base import Task

DENSE: dict[str, dict[str, Callable]] = {
    'bottomup_pose': {'overlap': map_overlap, 'error': map_error},
    'seg': {'accuracy': pixel_accuracy, 'iou': mean_iou},
    'depth': {'AbsRel': depth_error},
}
"""What is measured of the dense labels of a task."""


@HOOKS.register_module()
class PseudoLabelQualityHook(Hook):
    """Log shares and, where the data set knows the truth, quality of pseudo labels.

    Only unlabelled images are measured. Each iteration is measured on the device;
    averages are read and logged every ``interval`` iterations, below
    ``pseudo/``. Numbers for which there was nothing to judge are left out. What the
    method's ramps ask for is logged below ``ramp/``: the share that is ``kept``, and
    the weight of each loss by its name without ``loss_``.

    ``kept_share``, ``relabelled_share``
        Share of all keypoints.
    ``kept_precision``, ``relabelled_precision``, ``dropped_precision``
        Share of right ones among the kept labels, the new labels, and the labels
        that were not kept. A filter is of use while it keeps better ones than it drops.
    ``teacher_precision``, ``teacher_error``
        Share of the teacher's keypoints that are right, and their mean distance from
        the truth, as a share of the crop's longer side.
    ``teacher_agreement``
        Share of the labels that the teacher confirms; it needs no truth.

    Maps of any number of instances (task ``'bottomup_pose'``), classes of pixels
    (``'seg'``) and depth (``'depth'``) have ``kept_share``, of cells or pixels, and
    means over batches of

    ``kept_overlap``, ``teacher_overlap``, ``kept_error``, ``teacher_error``
        Overlap of maps with the true ones in 0..1, and their mean absolute difference.
    ``kept_accuracy``, ``teacher_accuracy``, ``kept_iou``, ``teacher_iou``
        Share of right pixels, and mean intersection over union of the classes.
    ``kept_AbsRel``, ``teacher_AbsRel``
        Error of the points, or of the depth that is learnt from, and of the depth of
        the network, as a share of the true depth of rendered frames.

    Args:
        interval: Iterations between two logs (>= 1).
        max_dist: A keypoint is right up to this distance, a share of the crop's
            longer side.
    """

    def __init__(self, interval: int = 50, max_dist: float = 0.1) -> None:
        if interval < 1:
            raise ValueError(f'interval must be at least 1 iteration, got {interval}')
        self.interval, self.max_dist = interval, max_dist
        self.means = MeansOfKnown()

    def after_train_iter(
        self, runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Measure the step; log every ``interval`` iterations."""
        model = unwrap(runner.model)
        self.means.update(measure(model.task, model.method.report, self.max_dist))
        if self.every_n_train_iters(runner, self.interval):
            for name, value in self.means.pop().items():
                runner.message_hub.update_scalar(f'train/pseudo/{name}', value)
            for name, rate in model.method.report.get('rates', {}).items():
                # a key with 'loss' in it would be taken for one
                key = f'train/ramp/{name.removeprefix("loss_")}'
                runner.message_hub.update_scalar(key, float(rate))


@torch.no_grad()
def measure(task: Task, report: dict, max_dist: float = 0.1) -> dict[str, Tensor]:
    """Quality of the pseudo labels of one step, NaN where nothing can be judged.

    Args:
        task: The task adapter; a task that is not known here has shares only.
        report: What the method reports, see :class:`ssltoolbox.methods.base.Method`.
        max_dist: A keypoint is right up to this share of the crop's longer side.

    Returns:
        Scalars by name, on the device.
    """
    unlabelled, values = unlabelled_mask(report), {}
    for name in ('kept',) if task.name in DENSE else ('kept', 'relabelled'):
        mask = (report[name] > 0) & unlabelled
        values[f'{name}_share'] = mask.sum() / unlabelled.sum()
    if task.name == 'pose':
        values |= measure_keypoints(task, report, max_dist)
    elif task.name in DENSE:
        values |= measure_dense(task, report, DENSE[task.name])
    return values


def measure_keypoints(task: Task, report: dict, max_dist: float) -> dict[str, Tensor]:
    """Quality of keypoints, see :func:`measure`."""
    batch, label = report['views']['strong'], report['label']
    kept, relabelled = report['kept'] > 0, report['relabelled'] > 0
    unlabelled, values = unlabelled_mask(report), {}
    truth, size = task.truth(batch), batch.view.size

    def right(predicted, mask: Tensor, reference=truth) -> Tensor:
        return precision(
            predicted.value,
            reference.value,
            reference.weight,
            mask & unlabelled,
            size,
            max_dist,
        )

    values['kept_precision'] = right(label, kept)
    values['relabelled_precision'] = right(report['relabel'], relabelled)
    values['dropped_precision'] = right(label, (label.weight != 0) & ~kept)
    if 'teacher' in report:
        taught = task.project(report['teacher'], batch)
        values['teacher_precision'] = right(taught, unlabelled)
        values['teacher_error'] = mean_error(
            taught.value, truth.value, truth.weight, unlabelled, size
        )
        values['teacher_agreement'] = right(taught, unlabelled, label)
    return values


def measure_dense(
    task: Task, report: dict, scores: Mapping[str, Callable]
) -> dict[str, Tensor]:
    """Quality of maps or classes, see :func:`measure`.

    Args:
        task: The task adapter.
        report: What the method reports.
        scores: Functions of labels, truth, and what is to be judged, by name.
    """
    batch = report['views']['strong']
    truth, unlabelled = task.truth(batch), unlabelled_mask(report)
    known = (truth.weight > 0) & unlabelled
    judged = {'kept': (report['label'], known & (report['kept'] > 0))}
    if 'teacher' in report:
        taught = task.project(report['teacher'], batch)
        judged['teacher'] = (taught, known & (taught.weight > 0))
    return {
        f'{name}_{score}': function(label.value, truth.value, where)
        for name, (label, where) in judged.items()
        for score, function in scores.items()
    }


def unlabelled_mask(report: dict) -> Tensor:
    """Elements of unlabelled samples, in the shape of the method's masks."""
    mask = ~report['views']['strong'].labelled
    shape = report['kept'].shape
    return mask.view(-1, *[1] * (len(shape) - 1)).expand(shape)


class MeansOfKnown:
    """Means on the device that leave NaN out, over all processes."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.sums: Tensor | None = None

    def update(self, values: dict[str, Tensor]) -> None:
        """Add scalars; the names are the same at every call."""
        row = torch.stack([value.float() for value in values.values()])
        known = ~row.isnan()
        step = torch.stack([torch.where(known, row, 0.0), known.float()])
        self.names = list(values)
        self.sums = step if self.sums is None else self.sums + step

    def pop(self) -> dict[str, float]:
        """Return the means so far, without those of NaN alone, and begin anew."""
        if self.sums is None:
            return {}
        all_reduce(self.sums)
        rows = zip(self.names, *self.sums.tolist(), strict=True)
        self.sums = None
        return {name: total / count for name, total, count in rows if count}
