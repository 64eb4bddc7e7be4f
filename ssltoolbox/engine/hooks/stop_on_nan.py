"""Stop a training that has diverged, while its last good checkpoint exists."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner, find_latest_checkpoint

from ssltoolbox.registry import HOOKS


class DivergedError(RuntimeError):
    """The loss or the weights are not finite any more."""


@HOOKS.register_module()
class StopOnNaNHook(Hook):
    """Stop when the loss, or a weight about to be saved, is NaN or infinite.

    The weights are looked at on every save, so a checkpoint is never overwritten by
    a diverged state, however long ``interval`` is.

    Args:
        interval: Iterations between two looks at the loss (>= 1). Each look waits
            for the GPU, so 1 costs speed.
    """

    def __init__(self, interval: int = 50) -> None:
        if interval < 1:
            raise ValueError(f'interval must be at least 1 iteration, got {interval}')
        self.interval = interval

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Look at the loss of every ``interval``-th iteration."""
        loss = (outputs or {}).get('loss')
        if isinstance(loss, torch.Tensor) and self.every_n_train_iters(
            runner, self.interval
        ):
            value = loss.detach().float().mean().item()
            if not math.isfinite(value):
                self._stop(runner, f'the loss is {value}')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Look at the weights that are about to be written."""
        for name, value in checkpoint['state_dict'].items():
            if value.is_floating_point() and not value.isfinite().all():
                self._stop(runner, f'the weight {name} is not finite')

    def _stop(self, runner: Runner, what: str) -> None:
        last = find_latest_checkpoint(runner.work_dir)
        go_on = (
            f'the last good checkpoint is {last}, --resume goes on from it'
            if last
            else 'no checkpoint had been saved yet'
        )
        raise DivergedError(
            f'training stopped at iteration {runner.iter + 1}, epoch '
            f'{runner.epoch + 1}, because {what}; {go_on}. Lower the learning rate or '
            'clip gradients first.'
        )
