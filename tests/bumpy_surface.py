"""A closed surface without symmetries, of triangles, about 60 mm long."""

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.similarity import Similarity

KNOWN = Similarity(
    0.37, Rotation.from_rotvec([0.3, -0.5, 0.8]).as_matrix(), np.array([3.0, -4, 5])
)
"""From the surface to clouds of a network with a unit of its own."""
BACK = Similarity.from_matrix(np.linalg.inv(KNOWN.matrix))


def bumpy_surface(levels: int = 3) -> Surface:
    ball = trimesh.creation.icosphere(levels)
    x, y, z = (ball.vertices * (1, 1.4, 2)).T
    radius = 1 + 0.12 * np.sin(3 * x + 1) + 0.1 * np.sin(4 * y) * np.cos(3 * z)
    points = 10 * radius[:, None] * np.stack([x, y, z], 1)
    return Surface(points, np.array(ball.faces))


def some_points(surface: Surface, count: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.choice(surface.samples[0], count, replace=False)


def disturbed(cloud: np.ndarray, degrees: float = 12, size: float = 1.15) -> Similarity:
    """The true transform of a cloud, turned about its middle, resized and shifted."""
    turn = Rotation.from_rotvec([0, np.radians(degrees), 0]).as_matrix() @ BACK.rotation
    scale = size * BACK.scale
    shift = BACK(cloud).mean(0) - scale * turn @ cloud.mean(0) + 0.5
    return Similarity(scale, turn, shift)
