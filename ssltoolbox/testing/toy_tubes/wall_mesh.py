"""The wall of a tube as triangles, for programs that know no functions of space."""

from typing import NamedTuple

import numpy as np

from .tube import Tube

AROUND = 120
"""Vertices of a ring."""
RINGS = 30
"""Rings per radius of the tube; 95 % of the wall is within 0.01 radii of them."""


class WallMesh(NamedTuple):
    """Vertices (N, 3) on the wall, and their triangles (M, 3)."""

    points: np.ndarray
    triangles: np.ndarray


def wall_mesh(tube: Tube, first: float, last: float) -> WallMesh:
    """Triangles between rings of vertices, which lie on the wall.

    Args:
        tube: Whose wall, in its radii.
        first: z of the first ring.
        last: z of the last one; both ends are open.
    """
    count = max(2, round(RINGS * (last - first)) + 1)
    angles = np.arange(AROUND) * 2 * np.pi / AROUND
    out = np.stack([np.cos(angles), np.sin(angles), 0 * angles], 1)
    out = np.tile(out, (count, 1))
    centre = tube.centre(np.repeat(np.linspace(first, last, count), AROUND))
    # within a section, room falls as fast as one goes outwards
    near = 1e-4
    width = tube.room(centre + near * out) + near
    number = np.arange(count * AROUND).reshape(count, AROUND)
    a, b = number[:-1], number[1:]
    c, d = np.roll(a, -1, 1), np.roll(b, -1, 1)
    triangles = np.stack([a, b, c, c, b, d], -1).reshape(-1, 3)
    return WallMesh(centre + width[:, None] * out, triangles)
