"""A longer step towards a surface than that of iterative closest points."""

import numpy as np
from scipy.spatial.transform import Rotation

from ssltoolbox.geometry.similarity import Similarity

LEAST, MOST = 1e-6, 1e6


class NewtonStep:
    """Steps of Levenberg and Marquardt on the distances of points to a surface.

    Iterative closest points draws points to their partners, so a cloud slides along a
    surface slowly. The distance itself does not grow along the surface; its least
    squares end where those of iterative closest points end, in a tenth of the steps.

    Args:
        with_scale: The size may change.

    Source: A. Fitzgibbon, Robust registration of 2D and 3D point sets, Image and
    Vision Computing 2003.
    """

    def __init__(self, with_scale: bool) -> None:
        self.with_scale = with_scale
        self._damping = 1e-3

    def __call__(
        self,
        transform: Similarity,
        points: np.ndarray,
        places: np.ndarray,
        gaps: np.ndarray,
    ) -> Similarity:
        """Transform after a step.

        Args:
            transform: That of now.
            points: (N, 3), where it puts points.
            places: (N, 3), those of the surface nearest to them.
            gaps: (N,), the distances between both.
        """
        middle = points.mean(0)
        arms = points - middle
        size = np.sqrt((arms**2).sum(1).mean())
        arms = arms / size
        # of a point on the surface the direction of its distance is unknown
        off = gaps > 1e-9 * size
        normals = np.where(
            off[:, None], (points - places) / np.where(off, gaps, 1)[:, None], 0
        )
        columns = [np.cross(arms, normals), normals]
        if self.with_scale:
            columns.append((arms * normals).sum(1, keepdims=True))
        slopes = np.concatenate(columns, 1)
        square = slopes.T @ slopes
        damped = square + self._damping * len(points) * np.eye(len(square))
        step = -np.linalg.solve(damped, slopes.T @ gaps) / size
        turn = Rotation.from_rotvec(step[:3]).as_matrix()
        grown = float(np.exp(step[6])) if self.with_scale else 1.0
        shift = middle + size * step[3:6]
        return Similarity(
            grown * transform.scale,
            turn @ transform.rotation,
            grown * turn @ (transform.translation - middle) + shift,
        )

    def judge(self, good: bool) -> None:
        """Make the next step longer after a good one, and shorter after a bad one."""
        factor = 0.1 if good else 10.0
        self._damping = float(np.clip(self._damping * factor, LEAST, MOST))
