"""Surfaces, such as those of CT: triangles or points, and how far they are."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

SUFFIXES = ('.ply', '.stl', '.obj', '.off')
SAMPLES = 40_000
"""Of a surface of triangles, or one per triangle if there are more of those."""
CANDIDATES = 4
"""Triangles that are tried for each point: those of the nearest samples."""
CHUNK = 20_000


@dataclass(frozen=True)
class Surface:
    """Triangles, or where there are none, points.

    Attributes:
        points: (N, 3) float64, vertices or points.
        triangles: (M, 3) indices of vertices; empty for points.
        colors: (N, 3) uint8 RGB, if the file has any.
    """

    points: np.ndarray
    triangles: np.ndarray
    colors: np.ndarray | None = None

    @property
    def extent(self) -> float:
        """Diagonal of the box around all points."""
        return float(np.linalg.norm(np.ptp(self.points, axis=0)))

    @cached_property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Points spread over the surface (S, 3), and the triangle of each (S,).

        The middle of every triangle is among them. Of a cloud, the points themselves.
        """
        if not len(self.triangles):
            return self.points, np.arange(len(self.points))
        corners = self.points[self.triangles]
        middles, owners = corners.mean(1), np.arange(len(corners))
        edges = corners[:, 1:] - corners[:, :1]
        area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
        count = SAMPLES - len(corners)
        if count <= 0 or not area.sum() > 0:
            return middles, owners
        rng = np.random.default_rng(0)
        chosen = rng.choice(len(corners), count, p=area / area.sum())
        # reflected at the middle of the parallelogram, they fill the triangle evenly
        u = rng.random((count, 2))
        u = np.where(u.sum(1, keepdims=True) > 1, 1 - u, u)
        more = corners[chosen, 0] + (u[..., None] * edges[chosen]).sum(1)
        return np.concatenate([middles, more]), np.concatenate([owners, chosen])

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.samples[0])

    def nearest(
        self, points: np.ndarray, slack: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Nearest places (K, 3) of the surface, and their distances (K,).

        Of triangles those are tried that have one of the four samples nearest to a
        point, so the distance is exact, but for triangles far larger than the gap
        between samples, where it is too large by a small part of that gap.

        Args:
            points: (K, 3).
            slack: Take samples that may be farther by this share than the nearest,
                which is many times quicker for points far from the surface.
        """
        if not len(self.triangles):
            distance, index = self._tree.query(points, eps=slack)
            return self.points[index], distance
        parts = [
            self._nearest_on_triangles(points[i : i + CHUNK], slack)
            for i in range(0, len(points), CHUNK)
        ]
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _nearest_on_triangles(self, points: np.ndarray, slack: float) -> tuple:
        closest_point = _trimesh().triangles.closest_point
        count = min(CANDIDATES, len(self.samples[0]))
        _, index = self._tree.query(points, count, eps=slack)
        owners = self.samples[1][index.reshape(len(points), count)]
        corners = self.points[self.triangles[owners]].reshape(-1, 3, 3)
        repeated = np.repeat(points, count, axis=0)
        places = closest_point(corners, repeated)
        gaps = np.linalg.norm(places - repeated, axis=1).reshape(-1, count)
        best, rows = gaps.argmin(1), np.arange(len(points))
        return places.reshape(-1, count, 3)[rows, best], gaps[rows, best]


def read_surface(path: str | Path) -> Surface:
    """Read triangles or points.

    Args:
        path: PLY, STL, OBJ or OFF.

    Raises:
        FileNotFoundError: There is no such file.
        ImportError: trimesh is not installed.
        ValueError: It is no such file, has no points, or some that are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path} does not exist, check its path')
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f'{path} cannot be read: expected a surface or cloud of points as '
            f'{", ".join(SUFFIXES)}'
        )
    trimesh = _trimesh()
    try:
        found = trimesh.load(path, process=False)
        if isinstance(found, trimesh.Scene):
            found = trimesh.util.concatenate(found.dump())
        points = np.array(found.vertices, float).reshape(-1, 3)
        triangles = np.array(getattr(found, 'faces', ()), int).reshape(-1, 3)
    except Exception as error:  # trimesh raises whatever its parsers do
        raise ValueError(
            f'{path} is damaged, or no surface or cloud of points: {error}'
        ) from None
    if not len(points):
        raise ValueError(f'{path} has no points')
    wrong = np.flatnonzero(~np.isfinite(points).all(1))
    if len(wrong):
        raise ValueError(f'{path}: point {wrong[0]} is not finite: {points[wrong[0]]}')
    return Surface(points, _with_area(points, triangles), _colors(found, len(points)))


def _trimesh():
    try:
        import trimesh
    except ImportError:
        raise ImportError(
            'surfaces are read by trimesh: pip install "ssltoolbox[depth]", or trimesh'
        ) from None
    return trimesh


def _with_area(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return triangles[np.cross(b - a, c - a).any(1)]


def _colors(found, count: int) -> np.ndarray | None:
    colors = getattr(found, 'colors', None)
    if colors is None or len(colors) != count:
        return None
    return np.asarray(colors, np.uint8)[:, :3]
