"""Iterative closest points, with one change of size."""

from dataclasses import dataclass

import numpy as np

from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import DegenerateError, Similarity, umeyama

SLACK = 0.1
"""See :meth:`~.surface.Surface.nearest`; on the surface it is none."""


class RegistrationError(ValueError):
    """A cloud could not be registered."""


@dataclass(frozen=True)
class IcpSettings:
    """How clouds are registered.

    Attributes:
        keep: Share of the points that guide the registration: those nearest to the
            surface. The rest may be outliers, or show what the surface has not.
        with_scale: Depth of one camera has no unit, so its size is found, too.
        max_iterations: Positive.
        tolerance: It ends when the points move by less than this, as a share of the
            size of the cloud.
        points: Number of points, drawn evenly, that guide it; the residuals are those
            of all.
        scale_range: Bounds of the size, relative to that at the start.
    """

    keep: float = 0.9
    with_scale: bool = True
    max_iterations: int = 200
    tolerance: float = 1e-5
    points: int = 5000
    scale_range: tuple[float, float] = (0.25, 4.0)

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1 or self.max_iterations < 1 or self.points < 3:
            raise ValueError(
                'keep must be in (0, 1], max_iterations 1 or more, and points 3 or '
                f'more, got {self}'
            )


def iterate(
    cloud: np.ndarray, surface: Surface, start: Similarity, settings: IcpSettings
) -> tuple[Similarity, int, bool]:
    """Bring a cloud nearer to a surface until it does not move any more.

    Args:
        cloud: (N, 3).
        surface: The surface.
        start: Initial transform.
        settings: How.

    Returns:
        The transform, the number of iterations, and whether it came to rest.

    Raises:
        RegistrationError: The cloud came to one place, or its size left the range.
    """
    transform, placed = start, start(cloud)
    for step in range(1, settings.max_iterations + 1):
        places, gaps = surface.nearest(placed, SLACK)
        kept = gaps <= np.quantile(gaps, settings.keep)
        try:
            moved = umeyama(cloud[kept], places[kept], settings.with_scale)
        except DegenerateError:
            raise RegistrationError(
                'all points came to one place or line of the surface: the initial pose '
                'is wrong'
            ) from None
        if not settings.with_scale:
            moved = _of_size(cloud[kept], places[kept], start.scale)
        low, high = settings.scale_range
        if not low <= moved.scale / start.scale <= high:
            raise RegistrationError(
                f'the size of the cloud went from {start.scale:.3g} to '
                f'{moved.scale:.3g} in {step} iterations, beyond {low:g} to {high:g} '
                'times that at the start: the initial pose or size is wrong'
            )
        transform, before, placed = moved, placed, moved(cloud)
        way = np.sqrt(((placed - before) ** 2).sum(1).mean())
        if way <= settings.tolerance * np.linalg.norm(np.ptp(placed, axis=0)):
            return transform, step, True
    return transform, settings.max_iterations, False


def draw(cloud: np.ndarray, count: int) -> np.ndarray:
    """Draw some points of a cloud (N, 3), always the same."""
    if len(cloud) <= count:
        return cloud
    return np.random.default_rng(0).choice(cloud, count, replace=False)


def spread(points: np.ndarray) -> float:
    """Root mean square distance of points (N, 3) from their middle."""
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(1).mean()))


def _of_size(source: np.ndarray, target: np.ndarray, scale: float) -> Similarity:
    rigid = umeyama(scale * source, target, with_scale=False)
    return Similarity(scale, rigid.rotation, rigid.translation)
