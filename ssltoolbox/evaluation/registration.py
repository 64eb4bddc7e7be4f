"""Register clouds of predicted points to a surface, with one change of size."""

from dataclasses import dataclass

import numpy as np

from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import DegenerateError, Similarity, umeyama

WRONG = 0.05
"""Median distance, as a share of the size of the cloud, from which on it is doubted."""


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


@dataclass(frozen=True)
class Registration:
    """Where a cloud came to lie.

    Attributes:
        transform: From the cloud to the surface.
        residuals: (N,) distance of each point to the surface, in its unit.
        iterations: How many it took.
        converged: Whether it ended before the largest number of iterations.
        size: Diagonal of the registered cloud.
    """

    transform: Similarity
    residuals: np.ndarray
    iterations: int
    converged: bool
    size: float

    @property
    def doubts(self) -> list[str]:
        """Why it may be wrong, in plain words; empty where nothing speaks for that."""
        found = []
        if not self.converged:
            found.append(f'it still moved after {self.iterations} iterations')
        share = float(np.median(self.residuals)) / max(self.size, 1e-12)
        if share > WRONG:
            found.append(
                f'the median residual is {100 * share:.0f} % of the size of the cloud: '
                'the initial pose may be wrong'
            )
        return found


def register(
    cloud: np.ndarray,
    surface: Surface,
    start: Similarity | None = None,
    settings: IcpSettings | None = None,
) -> Registration:
    """Turn, shift and resize a cloud until it lies on a surface.

    Iterative closest points: each point's partner is the nearest place of the surface,
    and the similarity that brings those of the nearest points together is found in
    closed form. It finds the solution near its start, so a start is needed where the
    cloud shows a small part of the surface.

    Args:
        cloud: (N, 3).
        surface: What it is registered to.
        start: Initial transform; None tries many, see :func:`find_start`.
        settings: How.

    Raises:
        RegistrationError: The cloud is empty, has points that are not finite or lies
            on a line, or its size leaves the range: points drawn to one place of the
            surface are near to it, and no registration.

    Source: P. Besl and N. McKay, PAMI 1992; S. Umeyama, PAMI 1991; D. Chetverikov et
    al., The trimmed iterative closest point algorithm, ICPR 2002.
    """
    settings = settings or IcpSettings()
    guide = _draw(_checked(cloud), settings.points)
    if start is None:
        start = find_start(guide, surface, settings)
    # most of the way is gone with few points, which is as good and quicker
    few = _draw(guide, max(300, len(guide) // 10))
    start, quick, _ = _iterate(few, surface, start, settings)
    transform, slow, converged = _iterate(guide, surface, start, settings)
    placed = transform(cloud)
    _, residuals = surface.nearest(placed)
    size = float(np.linalg.norm(np.ptp(placed, axis=0)))
    return Registration(transform, residuals, quick + slow, converged, size)


def find_start(
    cloud: np.ndarray, surface: Surface, settings: IcpSettings
) -> Similarity:
    """Bring middles, sizes and main axes together, in all 24 ways to name the axes.

    The best one after a few iterations is taken, by its distances relative to its size.
    That works for clouds that show most of the surface.

    Args:
        cloud: (N, 3).
        surface: The surface.
        settings: As of :func:`register`.

    Raises:
        RegistrationError: None of them leads anywhere.
    """
    few, places = _draw(cloud, 400), _draw(surface.samples[0], 3000)
    rough = Surface(places, np.empty((0, 3), int))
    scale = _spread(places) / _spread(few) if settings.with_scale else 1.0
    quick = IcpSettings(**{**vars(settings), 'max_iterations': 12, 'points': 400})
    best, least = None, np.inf
    ours, theirs = _main_axes(few), _main_axes(places)
    for turn in right_angles():
        rotation = theirs @ turn @ ours.T
        shift = places.mean(0) - scale * rotation @ few.mean(0)
        try:
            start = Similarity(scale, rotation, shift)
            found, *_ = _iterate(few, rough, start, quick)
        except RegistrationError:
            continue
        gaps = rough.nearest(found(few))[1]
        kept = gaps[gaps <= np.quantile(gaps, settings.keep)]
        quality = np.sqrt((kept**2).mean()) / found.scale
        if quality < least:
            best, least = found, quality
    if best is None:
        raise RegistrationError(
            'no way to name the axes leads to the surface: give an initial pose'
        )
    return best


def right_angles() -> list[np.ndarray]:
    """The 24 rotations (3, 3) that turn a cube into itself."""
    found = []
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2)):
        for signs in np.ndindex(2, 2, 2):
            matrix = np.eye(3)[list(order)] * (1 - 2 * np.array(signs))
            if np.linalg.det(matrix) > 0:
                found.append(matrix)
    return found


def _iterate(
    cloud: np.ndarray, surface: Surface, start: Similarity, settings: IcpSettings
) -> tuple[Similarity, int, bool]:
    transform, placed = start, start(cloud)
    for step in range(1, settings.max_iterations + 1):
        places, gaps = surface.nearest(placed)
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


def _of_size(source: np.ndarray, target: np.ndarray, scale: float) -> Similarity:
    rigid = umeyama(scale * source, target, with_scale=False)
    return Similarity(scale, rigid.rotation, rigid.translation)


def _checked(cloud: np.ndarray) -> np.ndarray:
    if len(cloud) < 3:
        raise RegistrationError(f'the cloud has {len(cloud)} points, three are needed')
    if not np.isfinite(cloud).all():
        raise RegistrationError('the cloud has points that are not finite')
    if not np.linalg.matrix_rank(cloud - cloud.mean(0), tol=1e-9 * _spread(cloud)) > 1:
        raise RegistrationError('all points of the cloud lie on one line')
    return cloud


def _draw(cloud: np.ndarray, count: int) -> np.ndarray:
    if len(cloud) <= count:
        return cloud
    return np.random.default_rng(0).choice(cloud, count, replace=False)


def _main_axes(points: np.ndarray) -> np.ndarray:
    """Right-handed axes (3, 3), as columns, along which points spread most to least."""
    *_, axes = np.linalg.svd(np.cov(points.T))
    return axes.T * (1, 1, np.linalg.det(axes))


def _spread(points: np.ndarray) -> float:
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(1).mean()))
