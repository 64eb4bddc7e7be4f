"""Values that change with training time, such as the weight of a loss."""

import math

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.progress import Progress


class Ramp:
    """A value that goes from ``start`` to ``end`` within ``length``, then stays.

    Args:
        end: Value from ``length`` on.
        start: Value at 0.
        length: Duration of the change, in the unit ``by``; 0 means ``end`` at once.
        by: ``'epoch'`` (constant within an epoch) or ``'iter'``.
    """

    def __init__(
        self, end: float = 1.0, start: float = 0.0, length: int = 0, by: str = 'epoch'
    ) -> None:
        if length < 0:
            raise ValueError(
                f'{type(self).__name__}: length must be >= 0, got {length}'
            )
        self.start, self.end, self.length, self.by = start, end, length, by
        Progress().count(by)

    def __call__(self, progress: Progress) -> float:
        """Return the value at this point of the training."""
        if not self.length:
            return self.end
        done = min(progress.count(self.by) / self.length, 1.0)
        return self.start + (self.end - self.start) * self.shape(done)

    def shape(self, done: float) -> float:
        """Map the share of the ramp that is done, in [0, 1], to [0, 1]."""
        raise NotImplementedError


@TASK_UTILS.register_module()
class ConstantRamp(Ramp):
    """Always ``end``.

    >>> ConstantRamp(2.0)(Progress(epoch=7))
    2.0
    """

    def __init__(self, end: float = 1.0) -> None:
        super().__init__(end)


@TASK_UTILS.register_module()
class LinearRamp(Ramp):
    """Straight line.

    >>> LinearRamp(2.0, length=10)(Progress(epoch=5))
    1.0
    """

    def shape(self, done: float) -> float:  # noqa: D102
        return done


@TASK_UTILS.register_module()
class SigmoidRamp(Ramp):
    """``exp(-5 (1 - t)^2)``, the usual ramp-up of a consistency loss.

    It starts at exp(-5) = 0.0067 of the way, not at 0.

    Source: Laine & Aila, Temporal Ensembling, ICLR 2017.

    >>> round(SigmoidRamp(2.0, length=10)(Progress(epoch=0)), 4)
    0.0135
    """

    def shape(self, done: float) -> float:  # noqa: D102
        return math.exp(-5.0 * (1.0 - done) ** 2)


@TASK_UTILS.register_module()
class CosineRamp(Ramp):
    """Half a cosine, optionally cut off at bounds.

    Args:
        end, start, length, by: See :class:`Ramp`.
        min_value: The value never falls below it.
        max_value: The value never rises above it.

    >>> CosineRamp(end=0.0, start=1.0, length=30, min_value=0.8)(Progress(epoch=20))
    0.8
    """

    def __init__(
        self,
        end: float = 1.0,
        start: float = 0.0,
        length: int = 0,
        by: str = 'epoch',
        min_value: float = -math.inf,
        max_value: float = math.inf,
    ) -> None:
        super().__init__(end, start, length, by)
        self.min_value, self.max_value = min_value, max_value

    def __call__(self, progress: Progress) -> float:  # noqa: D102
        return min(max(super().__call__(progress), self.min_value), self.max_value)

    def shape(self, done: float) -> float:  # noqa: D102
        return 0.5 * (1.0 - math.cos(math.pi * done))


@TASK_UTILS.register_module()
class StepRamp(Ramp):
    """``start`` before ``length``, ``end`` from then on.

    >>> [StepRamp(1.0, length=3)(Progress(epoch=e)) for e in (0, 2, 3)]
    [0.0, 0.0, 1.0]
    """

    def shape(self, done: float) -> float:  # noqa: D102
        return float(done >= 1.0)
