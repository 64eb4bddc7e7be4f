"""Warn when a semi-supervised training does not learn from its unlabelled images."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from torch import Tensor, nn

from ssltoolbox.engine.hooks.pseudo_label_quality import unlabelled_mask
from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import HOOKS

NO_GRADIENT = (
    '{key} gave the student no gradient at the last {times} looks, so nothing is '
    'learnt from it. Look whether the method compares an output of the student that '
    'carries a gradient (not one made under torch.no_grad() or detached) with another '
    "network's or another view's prediction, and not a prediction with itself; and "
    'whether any keypoint keeps a weight (pseudo/kept_share).'
)
NONE_KEPT = (
    'no pseudo label was kept at the last {times} looks, so the unlabelled images '
    "teach nothing through them. Lower the threshold of the method's filter or the "
    'drop_share of the data set, and look at the pictures in pseudo_labels/.'
)
ALL_KEPT = (
    'every pseudo label was kept at the last {times} looks, so wrong ones are learnt '
    "too. Raise the threshold of the method's filter, or lower the share that it keeps."
)
WORSE_TEACHER = (
    'the teacher was worse than the student at the last {times} validations '
    '({metric}: {teacher:.4f} against {student:.4f}), so its predictions hold the '
    "student back. Lower the teacher's decay, so that it follows sooner, and see that "
    "its batch-norm statistics follow too (buffers='ema')."
)
NEARLY = 0.05
"""Shares this close to what means 'all' or 'none' are taken for meant."""


@HOOKS.register_module()
class WatchdogHook(Hook):
    """Warn once per cause, with what to try, and anew after a recovery.

    The causes: a loss term has no gradient with respect to the student; no or every
    pseudo label is kept although the method's ramps ask for another share; the
    teacher validates worse than the student. A term whose ramp is at 0 may have no
    gradient. Counting begins anew after a resume.

    Args:
        interval: Iterations between two looks (>= 1). A look costs a backward pass
            through the student's head.
        patience: Looks in a row at which a cause must be seen (>= 1).
        metric: Validation metric by which networks are compared, larger is better;
            None compares nothing.
        val_patience: Validations in a row at which the teacher must be worse (>= 1).
    """

    def __init__(
        self,
        interval: int = 50,
        patience: int = 3,
        metric: str | None = 'coco/AP',
        val_patience: int = 5,
    ) -> None:
        if min(interval, patience, val_patience) < 1:
            raise ValueError(
                'interval, patience and val_patience must be at least 1, got '
                f'{interval}, {patience} and {val_patience}'
            )
        self.interval, self.patience = interval, patience
        self.metric, self.val_patience = metric, val_patience
        self.times: dict[str, int] = defaultdict(int)
        self.gradients: dict[str, Tensor] = {}

    def before_train_iter(self, runner, batch_idx: int, data_batch: Any = None) -> None:
        """Ask the model to show the losses of this step."""
        if self.every_n_train_iters(runner, self.interval):
            model = unwrap(runner.model)
            scaler = getattr(runner.optim_wrapper, 'loss_scaler', None)
            model.loss_probe = partial(
                self._probe,
                parameters=late_parameters(model.student),
                # Half-precision gradients of an unscaled loss may vanish.
                scale=scaler.get_scale() if scaler else 1.0,
            )

    def _probe(self, losses: Mapping, **options: Any) -> None:
        self.gradients = gradient_norms(losses, **options)

    def after_train_iter(
        self, runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Judge what was seen."""
        if not self.every_n_train_iters(runner, self.interval):
            return
        model = unwrap(runner.model)
        model.loss_probe = None
        report = model.method.report
        rates = report.get('rates', {})
        for key, norm in self.gradients.items():
            if rates.get(key) != 0:
                bad = norm.item() == 0
                self._alarm(runner, f'gradient of {key}', bad, NO_GRADIENT, key=key)
        self.gradients = {}
        if 'kept' not in report:
            return
        count, offered, kept = kept_counts(report)
        if not count:
            return
        rate = rates.get('kept', 0.5)
        none = kept == 0 and rate > NEARLY
        every = kept == offered > 0 and rate < 1 - NEARLY
        self._alarm(runner, 'none kept', none, NONE_KEPT)
        self._alarm(runner, 'all kept', every, ALL_KEPT)

    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        """Compare the networks."""
        scores = [
            (metrics or {}).get(f'{name}/{self.metric}')
            for name in ('teacher', 'student')
        ]
        if None not in scores:
            teacher, student = scores
            self._alarm(
                runner,
                'teacher',
                teacher < student,
                WORSE_TEACHER,
                patience=self.val_patience,
                metric=self.metric,
                teacher=teacher,
                student=student,
            )

    def _alarm(
        self,
        runner,
        cause: str,
        bad: bool,
        text: str,
        patience: int | None = None,
        **values: Any,
    ) -> None:
        patience = patience or self.patience
        self.times[cause] = self.times[cause] + 1 if bad else 0
        if self.times[cause] == patience:
            where = f'iteration {runner.iter + 1}: '
            runner.logger.warning(where + text.format(times=patience, **values))


def late_parameters(network: nn.Module) -> list[nn.Parameter]:
    """Trainable parameters of the last part of a network, such as its head.

    All of that part, since one branch of several heads may rightly have no gradient.
    """
    parts = [*network.children()] or [network]
    groups = ([p for p in part.parameters() if p.requires_grad] for part in parts)
    return next((group for group in reversed(list(groups)) if group), [])


def gradient_norms(
    losses: Mapping[str, Tensor | Iterable[Tensor]],
    parameters: list[nn.Parameter],
    scale: float = 1.0,
) -> dict[str, Tensor]:
    """Norm of the gradient of each loss term; the graph stays as it is.

    Args:
        losses: Outputs of a step; only keys that contain ``loss`` are looked at.
        parameters: Where the gradient is taken. Empty: nothing is looked at.
        scale: Factor on the losses before they are differentiated, against underflow.

    Returns:
        Scalars, in units of ``scale``; 0 for a term that does not depend on the
        parameters.
    """
    norms = {}
    for key, value in losses.items() if parameters else ():
        if 'loss' not in key:
            continue
        parts = [value] if isinstance(value, Tensor) else list(value)
        total = scale * sum(part.float().mean() for part in parts)
        norms[key] = torch.zeros_like(total.detach())
        if total.requires_grad:
            found = torch.autograd.grad(
                total, parameters, retain_graph=True, allow_unused=True
            )
            found = [gradient.float() for gradient in found if gradient is not None]
            norms[key] += sum(gradient.norm() for gradient in found)
    return norms


def kept_counts(report: dict) -> tuple[int, int, int]:
    """Count unlabelled elements, those that have a label, and those of them kept."""
    unlabelled = unlabelled_mask(report)
    offered = unlabelled & (report['label'].weight != 0)
    masks = (unlabelled, offered, offered & (report['kept'] > 0))
    counts = torch.stack([mask.sum() for mask in masks])
    all_reduce(counts)
    return tuple(counts.tolist())
