"""Stop a training that does not improve any more."""

import math
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ssltoolbox.registry import HOOKS

KEY = 'early_stopping'
"""Where the state is kept in the message hub, and with it in checkpoints."""


@HOOKS.register_module()
class EarlyStoppingHook(Hook):
    """Stop after ``patience`` validations in a row at which no metric got better.

    mmengine's hook forgets a resumed run's best value and count, takes an equal value
    for a better one, so that a collapsed network is trained to the end, and watches
    one metric. Here a resumed run stops where an uninterrupted one would.

    Args:
        monitor: Name of a validation metric, or several: of teacher and student.
        patience: Validations without gain (>= 1).
        rule: Whether a ``'greater'`` or a ``'less'`` value is better.

    Raises:
        ValueError: A field is out of range.
        KeyError: A validation has no such metric.
    """

    priority = 'LOWEST'

    def __init__(
        self, monitor: str | Sequence[str], patience: int = 5, rule: str = 'greater'
    ) -> None:
        if patience < 1:
            raise ValueError(f'patience must be at least 1 validation, got {patience}')
        if rule not in ('greater', 'less'):
            raise ValueError(f"rule must be 'greater' or 'less', got {rule!r}")
        self.monitor = [monitor] if isinstance(monitor, str) else list(monitor)
        self.patience, self.sign = patience, 1 if rule == 'greater' else -1

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Compare with the best values so far."""
        metrics = metrics or {}
        absent = [name for name in self.monitor if name not in metrics]
        if absent:
            raise KeyError(
                f'EarlyStoppingHook watches {", ".join(absent)}, a validation gives '
                f'{", ".join(metrics) or "nothing"}: correct monitor'
            )
        state = runner.message_hub.runtime_info.get(KEY, {})
        waited, best = state.get('waited', 0) + 1, dict(state.get('best', {}))
        for name in self.monitor:
            # never true of NaN: a diverged run waits too
            if self.sign * metrics[name] > best.get(name, -math.inf):
                best[name], waited = self.sign * float(metrics[name]), 0
        runner.message_hub.update_info(KEY, dict(waited=waited, best=best))
        if waited >= self.patience:
            runner.train_loop.stop_training = True
            found = ', '.join(f'{name} {self.sign * best[name]:.4f}' for name in best)
            runner.logger.info(
                f'stopped after epoch {runner.epoch}: no gain at the last {waited} '
                f'validations, the best was {found or "never a number"}'
            )
