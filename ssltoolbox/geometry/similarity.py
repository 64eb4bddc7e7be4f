"""Similarity transforms: turn, shift and one change of size, in float64."""

from dataclasses import dataclass, field

import numpy as np


class DegenerateError(ValueError):
    """Points that lie on one line or in one place say nothing of a rotation."""


@dataclass(frozen=True)
class Similarity:
    """Move points ``X`` to ``scale * rotation @ X + translation``.

    Attributes:
        scale: Above 0.
        rotation: (3, 3).
        translation: (3,).
    """

    scale: float = 1.0
    rotation: np.ndarray = field(default_factory=lambda: np.eye(3))
    translation: np.ndarray = field(default_factory=lambda: np.zeros(3))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Move points (N, 3)."""
        return self.scale * points @ self.rotation.T + self.translation

    @property
    def matrix(self) -> np.ndarray:
        """(4, 4), for homogeneous points."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.scale * self.rotation
        matrix[:3, 3] = self.translation
        return matrix

    @classmethod
    def from_matrix(cls, matrix: np.ndarray) -> 'Similarity':
        """Undo :attr:`matrix`.

        Raises:
            ValueError: It is no (4, 4) matrix of a similarity without a reflection.
        """
        matrix = np.asarray(matrix, float)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise ValueError(f'expected 4 x 4 finite numbers, got {matrix.shape}')
        linear = matrix[:3, :3]
        scale = np.cbrt(np.linalg.det(linear))
        same = np.allclose(linear @ linear.T, scale**2 * np.eye(3), 0, 1e-3 * scale**2)
        if not scale > 0 or not same or not np.allclose(matrix[3], (0, 0, 0, 1)):
            raise ValueError(
                'expected a rotation times one positive scale, a translation in the '
                f'last column, and 0 0 0 1 in the last row, got\n{matrix}'
            )
        return cls(float(scale), linear / scale, matrix[:3, 3])


def umeyama(
    source: np.ndarray, target: np.ndarray, with_scale: bool = True
) -> Similarity:
    """Similarity that brings points nearest to their partners, in closed form.

    It minimises the mean of ``|scale * rotation @ source + translation - target|^2``.

    Args:
        source: (N, 3).
        target: (N, 3), the partner of each.
        with_scale: False keeps the size.

    Raises:
        DegenerateError: There are less than three points, or they lie on one line.

    Source: S. Umeyama, Least-squares estimation of transformation parameters between
    two point patterns, PAMI 1991.
    """
    if len(source) < 3:
        raise DegenerateError(f'three points are needed, got {len(source)}')
    middles = source.mean(0), target.mean(0)
    a, b = source - middles[0], target - middles[1]
    left, values, right = np.linalg.svd(b.T @ a / len(a))
    if values[1] <= 1e-12 * values[0] or not values[0] > 0:
        raise DegenerateError('points on one line say nothing of a rotation')
    signs = np.array([1, 1, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = left * signs @ right
    scale = 1.0
    if with_scale:
        scale = float((values * signs).sum() / (a**2).sum() * len(a))
    return Similarity(scale, rotation, middles[1] - scale * rotation @ middles[0])
