"""Iterative closest points, with one change of size."""

from dataclasses import dataclass

import numpy as np

from ssltoolbox.evaluation.newton_step import NewtonStep
from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import DegenerateError, Similarity, umeyama

SLACK = 0.1
"""See :meth:`~.surface.Surface.nearest`; on the surface it is none."""
NEAR = 0.02
"""Way of a step, as a share of the size of the cloud, below which it may be longer."""


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
    newton = NewtonStep(settings.with_scale)
    here = _match(cloud, surface, start, settings.keep)
    for step in range(1, settings.max_iterations + 1):
        moved = _closed_form(cloud, here, start.scale, settings)
        there = None
        if len(surface.triangles) and here.way_to(moved(cloud)) < NEAR * here.size:
            kept = here.kept
            longer = newton(
                here.transform, here.points[kept], here.places[kept], here.gaps[kept]
            )
            there = _match(cloud, surface, longer, settings.keep)
            # never worse than what the closed form is sure to reach
            good = there.cost <= here.cost_at(moved(cloud))
            newton.judge(good)
            there = there if good else None
        there = there or _match(cloud, surface, moved, settings.keep)
        _check_size(there.transform.scale / start.scale, start.scale, step, settings)
        way, here = here.way_to(there.points), there
        if way <= settings.tolerance * here.size:
            return here.transform, step, True
    return here.transform, settings.max_iterations, False


def draw(cloud: np.ndarray, count: int) -> np.ndarray:
    """Draw some points of a cloud (N, 3), always the same."""
    if len(cloud) <= count:
        return cloud
    return np.random.default_rng(0).choice(cloud, count, replace=False)


def spread(points: np.ndarray) -> float:
    """Root mean square distance of points (N, 3) from their middle."""
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(1).mean()))


@dataclass(frozen=True)
class _Match:
    """Points of a cloud (N, 3), their nearest places (N, 3) and how far those are."""

    transform: Similarity
    points: np.ndarray
    places: np.ndarray
    gaps: np.ndarray
    kept: np.ndarray

    @property
    def size(self) -> float:
        return float(np.linalg.norm(np.ptp(self.points, axis=0)))

    @property
    def cost(self) -> float:
        return float((self.gaps[self.kept] ** 2).mean())

    def cost_at(self, points: np.ndarray) -> float:
        """Upper bound of the cost with the points elsewhere."""
        way = (points[self.kept] - self.places[self.kept]) ** 2
        return float(way.sum(1).mean())

    def way_to(self, points: np.ndarray) -> float:
        return float(np.sqrt(((points - self.points) ** 2).sum(1).mean()))


def _match(
    cloud: np.ndarray, surface: Surface, transform: Similarity, keep: float
) -> _Match:
    points = transform(cloud)
    places, gaps = surface.nearest(points, SLACK)
    return _Match(transform, points, places, gaps, gaps <= np.quantile(gaps, keep))


def _closed_form(
    cloud: np.ndarray, match: _Match, scale: float, settings: IcpSettings
) -> Similarity:
    """Bring the kept points to their places; without a free size, it stays."""
    source, target = cloud[match.kept], match.places[match.kept]
    try:
        if settings.with_scale:
            return umeyama(source, target)
        rigid = umeyama(scale * source, target, with_scale=False)
    except DegenerateError:
        raise RegistrationError(
            'all points came to one place or line of the surface: the initial pose is '
            'wrong'
        ) from None
    return Similarity(scale, rigid.rotation, rigid.translation)


def _check_size(ratio: float, scale: float, step: int, settings: IcpSettings) -> None:
    low, high = settings.scale_range
    if not low <= ratio <= high:
        raise RegistrationError(
            f'the size of the cloud went from {scale:.3g} to {ratio * scale:.3g} in '
            f'{step} iterations, beyond {low:g} to {high:g} times that at the start: '
            'the initial pose or size is wrong'
        )
