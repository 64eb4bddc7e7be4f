"""Write what clouds of predicted points are registered to."""

from pathlib import Path

import numpy as np

from ssltoolbox.utils.ply import write_ply

from .camera import Lens
from .render import Frame
from .tube import Tube
from .wall_mesh import wall_mesh

MARGIN = 0.5
"""How far the mesh goes on beyond all that frames show, in radii of the tube."""


def write_wall(
    path: Path,
    tube: Tube,
    lens: Lens,
    poses: np.ndarray,
    frames: list[Frame],
    unit: float,
) -> None:
    """Write the part of the wall that some frame shows, as binary PLY.

    Args:
        path: The file.
        tube: Whose wall.
        lens: Of the camera.
        poses: (V, 4, 4), camera -> world, in tube radii.
        frames: The V frames.
        unit: Of the file: what a radius of the tube is there.
    """
    rays = lens.rays(lens.pixels())
    # a ray of depth 1 has this z in the world
    z = [
        pose[2, 3] + frame.depth.ravel() * (rays @ pose[2, :3])
        for pose, frame in zip(poses, frames, strict=True)
    ]
    first, last = np.min(z) - MARGIN, np.max(z) + MARGIN
    mesh = wall_mesh(tube, float(first), float(last))
    write_ply(path, unit * mesh.points, triangles=mesh.triangles)
