"""Draw the video of one tube, and write it with its structure from motion."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.depth.sfm_writer import write_observations, write_sfm_files
from ssltoolbox.evaluation.initial_poses import write_initial_poses
from ssltoolbox.utils.atomic import atomic_path, write_text
from ssltoolbox.utils.image_file import write_image

from .camera import Lens, fly_through
from .motion_structure import find_structure
from .render import Scene, draw
from .tube import Tube
from .wall import Wall
from .wall_file import write_wall


def write_sequence(
    folder: Path,
    first: int,
    num_frames: int,
    width: int,
    rng: np.random.Generator,
    structure: dict[str, Any],
    tick: Callable[[], None] = lambda: None,
) -> Path:
    """Write a sequence below a folder and return its own folder.

    Args:
        folder: Of the patient.
        first: Number of the first frame.
        num_frames: Number of frames.
        width: Of the frames in px.
        rng: Decides everything else.
        structure: Fields ``num_points``, ``noise`` and ``outliers`` of
            :func:`~.motion_structure.find_structure`.
        tick: Called after each frame.
    """
    numbers = list(range(first, first + num_frames))
    name = f'_start_{first:06d}_end_{numbers[-1]:06d}_stride_1_segment_00'
    folder = folder / name
    scene = sample_scene(rng, width)
    poses = fly_through(rng, scene.tube, num_frames, rng.uniform(0.07, 0.11))
    # structure from motion tells no absolute size
    unit = rng.uniform(0.5, 2)
    frames = []
    for number, pose in zip(numbers, poses, strict=True):
        frame = draw(scene, pose, rng)
        write_image(folder / f'{number:08d}.jpg', frame.image, quality=95)
        with atomic_path(folder / 'truth' / f'{number:08d}.npy') as path:
            np.save(path, (unit * frame.depth).astype(np.float32))
        frames.append(frame)
        tick()
    found = find_structure(scene, poses, frames, rng, **structure)
    lens, truth = scene.lens, folder / 'truth'
    write_wall(truth / 'wall.ply', scene.tube, lens, poses, frames, unit)
    poses[:, :3, 3] *= unit
    write_initial_poses(truth / 'poses.txt', dict(zip(numbers, poses, strict=True)))
    write_sfm_files(
        folder, numbers, lens.matrix, poses, unit * found.points, found.seen, lens.mask
    )
    write_observations(folder, numbers, found.seen, found.pixels)
    wrong = np.flatnonzero(found.outliers).tolist()
    write_text(truth / 'outliers', ''.join(f'{n}\n' for n in wrong))
    return folder


def sample_scene(rng: np.random.Generator, width: int) -> Scene:
    """Draw a tube with its wall, and an endoscope for it."""
    tube = Tube.sample(rng)
    return Scene(tube, Wall(rng, tube), Lens.sample(rng, width), rng.uniform(1.3, 1.6))
