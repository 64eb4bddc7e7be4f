"""Register clouds of predicted points to a surface, with one change of size."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ssltoolbox.evaluation.icp import (
    IcpSettings,
    RegistrationError,
    draw,
    iterate,
    spread,
)
from ssltoolbox.evaluation.icp_start import find_start
from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import Similarity

WRONG = 0.02
"""Median distance, as a share of the size of the cloud, from which on it is doubted."""
NEAR = 0.05
"""How near a cloud is to what it shows of the surface, as a share of its size."""
MOST = 0.75
"""Share of the surface that a cloud must show to be trusted without an initial pose."""


@dataclass(frozen=True)
class Registration:
    """Where a cloud came to lie.

    Attributes:
        transform: From the cloud to the surface.
        residuals: (N,) distance of each point to the surface, in its unit.
        iterations: How many it took.
        converged: Whether it ended before the largest number of iterations.
        size: Diagonal of the registered cloud.
        coverage: Share of the surface that the cloud shows.
        start_found: Whether it had no initial pose.
    """

    transform: Similarity
    residuals: np.ndarray
    iterations: int
    converged: bool
    size: float
    coverage: float
    start_found: bool

    @property
    def doubts(self) -> list[str]:
        """Why it may be wrong, in plain words; empty where nothing speaks for that."""
        found = []
        if not self.converged:
            found.append(f'it still moved after {self.iterations} iterations')
        share = float(np.median(self.residuals)) / max(self.size, 1e-12)
        if share > WRONG:
            found.append(
                f'the median residual is {100 * share:.1f} % of the size of the cloud: '
                'the initial pose may be wrong'
            )
        if self.start_found and self.coverage < MOST:
            found.append(
                f'the cloud shows {100 * self.coverage:.0f} % of the surface, on which '
                'it may fit at several places: give an initial pose'
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
        start: Initial transform; None tries many, see
            :func:`~.icp_start.find_start`.
        settings: How.

    Raises:
        RegistrationError: The cloud is empty, has points that are not finite or lies
            on a line, or its size leaves the range: points drawn to one place of the
            surface are near to it, and no registration.

    Source: P. Besl and N. McKay, PAMI 1992; S. Umeyama, PAMI 1991; D. Chetverikov et
    al., The trimmed iterative closest point algorithm, ICPR 2002.
    """
    settings = settings or IcpSettings()
    guide = draw(_checked(cloud), settings.points)
    start_found = start is None
    if start is None:
        start = find_start(guide, surface, settings)
    # most of the way is gone with few points, which is as good and quicker
    few = draw(guide, max(300, len(guide) // 10))
    start, quick, _ = iterate(few, surface, start, settings)
    transform, slow, converged = iterate(guide, surface, start, settings)
    placed = transform(cloud)
    _, residuals = surface.nearest(placed)
    size = float(np.linalg.norm(np.ptp(placed, axis=0)))
    return Registration(
        transform=transform,
        residuals=residuals,
        iterations=quick + slow,
        converged=converged,
        size=size,
        coverage=_coverage(surface, placed, NEAR * size),
        start_found=start_found,
    )


def _coverage(surface: Surface, cloud: np.ndarray, reach: float) -> float:
    """Share of the surface with a point of a cloud (N, 3) nearby."""
    places = draw(surface.samples[0], 3000)
    gaps, _ = cKDTree(draw(cloud, 20_000)).query(places, distance_upper_bound=reach)
    return float(np.isfinite(gaps).mean())


def _checked(cloud: np.ndarray) -> np.ndarray:
    if len(cloud) < 3:
        raise RegistrationError(f'the cloud has {len(cloud)} points, three are needed')
    if not np.isfinite(cloud).all():
        raise RegistrationError('the cloud has points that are not finite')
    if not np.linalg.matrix_rank(cloud - cloud.mean(0), tol=1e-9 * spread(cloud)) > 1:
        raise RegistrationError('all points of the cloud lie on one line')
    return cloud
