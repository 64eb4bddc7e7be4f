"""One cycle of the learning rate, and the opposite one of the momentum."""

import math

from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.momentum_scheduler import MomentumSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import INF, _ParamScheduler

from ssltoolbox.registry import PARAM_SCHEDULERS


def one_cycle(
    position: float, start: float, peak: float, end: float, rise: float
) -> float:
    """Half a cosine from ``start`` to ``peak``, and half a one from there to ``end``.

    Args:
        position: Share of the training that is done, 0..1.
        start: Value at 0.
        peak: Value at ``rise``.
        end: Value at 1.
        rise: Share of the training until the peak, above 0 and below 1.

    >>> [round(one_cycle(p / 4, 0, 1, 0, 0.5), 3) for p in range(5)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if position < rise:
        low, high, done = start, peak, position / rise
    else:
        low, high, done = peak, end, (position - rise) / (1 - rise)
    return low + (high - low) * (1 - math.cos(math.pi * done)) / 2


class OneCycle(_ParamScheduler):
    """A parameter of the optimiser that makes one cycle from ``begin`` to ``end``.

    Step i of n lies at i / n of the cycle: the peak is met at the step ``rise`` n, and
    the last step lies just before the end. mmengine's ``OneCycleLR`` divides by n - 1,
    which puts the peak a step earlier and the end into the last step, and has no
    counterpart for the momentum; two of its ``CosineAnnealing`` schedulers in a row
    hold a value for a step where they meet, and miss the peak by it.

    Args:
        optimizer: Optimiser or its wrapper.
        param_name: Name of the parameter.
        rise: Share of the cycle until the peak.
        begin: First step.
        end: Step after the last one; the runner puts in the end of the training.
        kwargs: ``by_epoch`` and others of mmengine's schedulers. A cycle by epochs is
            a coarse one: set ``by_epoch=False``, or ``convert_to_iter_based=True``.

    Source: Smith & Topin, Super-Convergence, 2018, with the cosines of fastai.
    """

    def __init__(
        self,
        optimizer,
        param_name: str,
        rise: float = 0.25,
        begin: int = 0,
        end: int = INF,
        **kwargs,
    ) -> None:
        name = type(self).__name__
        if not 0 < rise < 1:
            raise ValueError(f'{name}: rise is a share above 0 and below 1, got {rise}')
        if end == INF:
            raise ValueError(
                f'{name} needs the step at which its cycle ends: set end, or let '
                'the runner build it, which knows the end of the training'
            )
        self.rise = rise
        super().__init__(optimizer, param_name, begin, end, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args,
        begin: int = 0,
        end: int = INF,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs,
    ) -> 'OneCycle':
        """Build one that counts iterations, from bounds in epochs."""
        if not by_epoch or not epoch_length:
            raise ValueError(
                f'{cls.__name__}: convert_to_iter_based turns epochs into iterations: '
                'leave by_epoch=False out, or convert_to_iter_based'
            )
        kwargs |= dict(
            begin=begin * epoch_length, end=min(end * epoch_length, INF), by_epoch=False
        )
        return cls(*args, **kwargs)

    def _cycle(self, start: float, peak: float, end: float) -> float:
        position = self.last_step / (self.end - self.begin)
        return one_cycle(position, start, peak, end, self.rise)


@PARAM_SCHEDULERS.register_module()
class OneCycleLR(LRSchedulerMixin, OneCycle):
    """Learning rate that rises from a part of the optimiser's ``lr`` to it, and falls.

    Args:
        optimizer: Optimiser or its wrapper; its ``lr`` is the peak.
        div: The peak is this many times the first rate.
        final_div: The peak is this many times the rate at the end.
        kwargs: Fields of :class:`OneCycle`.
    """

    def __init__(
        self, optimizer, div: float = 25.0, final_div: float = 1e5, **kwargs
    ) -> None:
        if min(div, final_div) <= 0:
            raise ValueError(
                f'OneCycleLR: div and final_div are positive, got {div} and {final_div}'
            )
        self.div, self.final_div = div, final_div
        super().__init__(optimizer, **kwargs)

    def _get_value(self) -> list[float]:
        return [
            self._cycle(peak / self.div, peak, peak / self.final_div)
            for peak in self.base_values
        ]


@PARAM_SCHEDULERS.register_module()
class OneCycleMomentum(MomentumSchedulerMixin, OneCycle):
    """Momentum, or beta 1 of Adam, that falls while the rate rises, and rises again.

    Args:
        optimizer: Optimiser or its wrapper.
        high: Momentum at both ends, 0..1.
        low: Momentum at the peak of the rate, 0..1.
        kwargs: Fields of :class:`OneCycle`.
    """

    def __init__(
        self, optimizer, high: float = 0.95, low: float = 0.85, **kwargs
    ) -> None:
        if not 0 <= low <= 1 or not 0 <= high <= 1:
            raise ValueError(
                f'OneCycleMomentum: high and low are in 0..1, got {high} and {low}'
            )
        self.high, self.low = high, low
        super().__init__(optimizer, **kwargs)

    def _get_value(self) -> list[float]:
        value = self._cycle(self.high, self.low, self.high)
        return [value] * len(self.base_values)
