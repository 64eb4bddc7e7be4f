"""Log how many pseudo labels a method uses, and how good they are."""

from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from torch import Tensor

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.evaluation.pseudo_label import mean_error, precision
from ssltoolbox.registry import HOOKS
from ssltoolbox.tasks.base import Task


@HOOKS.register_module()
class PseudoLabelQualityHook(Hook):
    """Log shares and, where the data set knows the truth, quality of pseudo labels.

    Only unlabelled images are measured. Each iteration is measured on the device;
    averages are read and logged every ``interval`` iterations, below
    ``pseudo/``. Numbers for which there was nothing to judge are left out.

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


@torch.no_grad()
def measure(task: Task, report: dict, max_dist: float = 0.1) -> dict[str, Tensor]:
    """Quality of the pseudo labels of one step, NaN where nothing can be judged.

    Args:
        task: The task adapter; other tasks than ``'pose'`` have shares only.
        report: What the method reports, see :class:`ssltoolbox.methods.base.Method`.
        max_dist: A keypoint is right up to this share of the crop's longer side.

    Returns:
        Scalars by name, on the device.
    """
    batch, label = report['views']['strong'], report['label']
    kept, relabelled = report['kept'] > 0, report['relabelled'] > 0
    unlabelled = unlabelled_mask(report)
    values = {
        f'{name}_share': (mask & unlabelled).sum() / unlabelled.sum()
        for name, mask in (('kept', kept), ('relabelled', relabelled))
    }
    if task.name != 'pose':
        return values
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
