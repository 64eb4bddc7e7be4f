"""A learning rate that goes up and down, without an end."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from ssltoolbox.registry import PARAM_SCHEDULERS

MODES = ('triangular', 'triangular2', 'exp_range')


@PARAM_SCHEDULERS.register_module()
class CyclicLR(LRSchedulerMixin, _ParamScheduler):
    """Rise linearly from ``eta_min`` to the optimiser's rate, fall again, and so on.

    torch has such a schedule, which mmengine's runner cannot take.

    Args:
        optimizer: Wrapped optimiser; its rate is the highest one.
        half_cycle: Iterations (epochs, if ``by_epoch``) of one rise or fall.
        eta_min: Lowest rate.
        mode: ``'triangular'``; ``'triangular2'``, each cycle half as high; or
            ``'exp_range'``, the height shrinks by ``gamma`` with every step.
        gamma: Of ``'exp_range'``.
        first_step: Where in its cycles it starts, such as the iterations of an earlier
            training of the network; several numbers are multiplied, such as its epochs
            and their length.
        kwargs: Those of mmengine's schedules, such as ``by_epoch`` and ``begin``.

    Source: Smith, Cyclical Learning Rates, WACV 2017.
    """

    def __init__(
        self,
        optimizer,
        *args,
        half_cycle: int,
        eta_min: float = 0.0,
        mode: str = 'triangular',
        gamma: float = 1.0,
        first_step: int | Sequence[int] = 0,
        **kwargs: Any,
    ) -> None:
        if mode not in MODES or half_cycle < 1:
            raise ValueError(
                f'CyclicLR needs a mode of {", ".join(MODES)} and half_cycle 1 or '
                f'more, got {mode!r} and {half_cycle}'
            )
        self.half_cycle, self.eta_min = half_cycle, eta_min
        self.mode, self.gamma = mode, gamma
        self.first_step = math.prod(np.atleast_1d(first_step).tolist())
        super().__init__(optimizer, *args, **kwargs)

    def _get_value(self) -> list[float]:
        step = self.first_step + self.last_step
        cycle = 1 + step // (2 * self.half_cycle)
        height = max(0.0, 1 - abs(step / self.half_cycle - 2 * cycle + 1))
        if self.mode == 'triangular2':
            height *= 2.0 ** (1 - cycle)
        elif self.mode == 'exp_range':
            height *= self.gamma**step
        return [
            self.eta_min + (high - self.eta_min) * height for high in self.base_values
        ]
