"""Find about where a cloud lies on a surface."""

import numpy as np

from ssltoolbox.evaluation.icp import (
    IcpSettings,
    RegistrationError,
    draw,
    iterate,
    spread,
)
from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import Similarity


def find_start(
    cloud: np.ndarray, surface: Surface, settings: IcpSettings
) -> Similarity:
    """Bring middles, sizes and main axes together, in all 24 ways to name the axes.

    The best one after a few iterations is taken, by its distances relative to its size.
    That works for clouds that show most of the surface.

    Args:
        cloud: (N, 3).
        surface: The surface.
        settings: As of :func:`~.icp.iterate`.

    Raises:
        RegistrationError: None of them leads anywhere.
    """
    few, places = draw(cloud, 400), draw(surface.samples[0], 3000)
    rough = Surface(places, np.empty((0, 3), int))
    scale = spread(places) / spread(few) if settings.with_scale else 1.0
    quick = IcpSettings(**{**vars(settings), 'max_iterations': 12, 'points': 400})
    best, least = None, np.inf
    ours, theirs = _main_axes(few), _main_axes(places)
    for turn in right_angles():
        rotation = theirs @ turn @ ours.T
        shift = places.mean(0) - scale * rotation @ few.mean(0)
        try:
            start = Similarity(scale, rotation, shift)
            found, *_ = iterate(few, rough, start, quick)
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


def _main_axes(points: np.ndarray) -> np.ndarray:
    """Right-handed axes (3, 3), as columns, along which points spread most to least."""
    *_, axes = np.linalg.svd(np.cov(points.T))
    return axes.T * (1, 1, np.linalg.det(axes))
