"""Learning-rate range test: train a little at ever higher rates, and watch the loss."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from mmengine.optim import OptimWrapper
from torch import nn


@dataclass(frozen=True)
class LRRange:
    """What a range test saw.

    Attributes:
        rates: Learning rate of each iteration.
        losses: Its loss, smoothed.
    """

    rates: Sequence[float]
    losses: Sequence[float]

    def pick(
        self,
        divide_by: float = 10.0,
        cap: float | None = 1e-2,
        least: float = 1e-5,
        default: float = 1e-3,
    ) -> float:
        """Choose a rate: that of the lowest loss, divided.

        At the lowest loss a network is about to diverge, hence the division, as fastai
        advises. Semi-Seg takes the rate as it is, without a cap, and once trained at
        8.3; ``divide_by=1, cap=None`` chooses as it does.

        Args:
            divide_by: What the rate is divided by.
            cap: Largest rate that is chosen; None for no bound.
            least: Below this rate ``default`` is chosen: the test saw no descent.
            default: The rate then.
        """
        rate = self.rates[int(np.argmin(self.losses))] / divide_by
        if rate < least:
            return default
        return rate if cap is None else min(rate, cap)


def range_rates(start: float = 1e-7, end: float = 10.0, count: int = 100) -> list:
    """Rates of a test, ``count`` of them from ``start`` on, evenly by their logarithm.

    >>> [round(rate, 6) for rate in range_rates(0.01, 1, 4)]
    [0.01, 0.031623, 0.1, 0.316228]
    """
    if not 0 < start < end or count < 2:
        raise ValueError(
            'a range test goes from a positive rate up to a higher one, in two or '
            f'more iterations, got {start} to {end} in {count}'
        )
    return [start * (end / start) ** (i / count) for i in range(count)]


def smoothed(losses: Iterable[float], beta: float = 0.98) -> Iterator[float]:
    """Exponential moving average, corrected for its start at 0.

    >>> [round(loss, 6) for loss in smoothed([1.0, 3.0], 0.5)]
    [1.0, 2.333333]
    """
    average = 0.0
    for step, loss in enumerate(losses, 1):
        average = beta * average + (1 - beta) * loss
        yield average / (1 - beta**step)


def range_test(
    model: nn.Module,
    batches: Iterable,
    optim_wrapper: OptimWrapper,
    rates: Iterable[float],
    divergence: float = 4.0,
) -> LRRange:
    """Train a model at ever higher rates; it is of no use afterwards.

    Args:
        model: A model of mmengine, with ``train_step``.
        batches: Batches of a data loader, begun anew when they are used up.
        optim_wrapper: Its optimiser; every group gets the same rate.
        rates: Rate of each iteration, in any iterable that may show progress.
        divergence: The test ends where the loss exceeds its minimum this many times.

    Raises:
        ValueError: The first loss is no finite number.
    """
    model.train()
    used: list[float] = []

    def losses() -> Iterator[float]:
        for rate, batch in zip(rates, _endless(batches), strict=False):
            used.append(rate)
            for group in optim_wrapper.param_groups:
                group['lr'] = rate
            yield model.train_step(batch, optim_wrapper)['loss'].item()

    seen: list[float] = []
    for loss in smoothed(losses()):
        if not math.isfinite(loss):
            break
        seen.append(loss)
        if loss > divergence * min(seen):
            break
    if not seen:
        raise ValueError(
            'the first loss of the range test is not finite: try the config by '
            'tools/check_config.py, and look at its data'
        )
    return LRRange(used[: len(seen)], seen)


def _endless(batches: Iterable) -> Iterator:
    while True:
        empty = True
        for batch in batches:
            empty = False
            yield batch
        if empty:
            raise ValueError(
                'the data loader gives no batch: its batch_size is larger than its '
                'data set, and drop_last is on'
            )
