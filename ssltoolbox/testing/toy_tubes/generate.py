"""Generate the toy tubes: endoscopic video with exactly known depth.

A bent tube with folds, seen by an endoscope with the light at its tip, in the layout of
sequences with structure from motion, so that depth networks are trained and measured at
once, without a download.
"""

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.testing.drawing.folder import Product, check_seed, write_once
from ssltoolbox.testing.drawing.progress import Bar

from .sequence import write_sequence

PRODUCT = Product(
    'toy tubes', 'toy_tubes.json', images='.', pattern='bag_*/_start_*/0*.jpg'
)
VERSION = 2
"""Grows with every change of the drawn pixels or of the files beside them."""


def generate(
    root: str | os.PathLike,
    patients: int = 6,
    frames: int = 24,
    width: int = 192,
    points: int = 420,
    noise: float = 0.3,
    outliers: float = 0.03,
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    The folder appears at once and complete, or not at all. A complete set with the
    same parameters is reused as it is.

    Args:
        root: New or empty folder, or one written by this function.
        patients: Number of tubes; each has one sequence.
        frames: Of each sequence, all of which are registered.
        width: Of the frames in pixels, a multiple of 4; their height is 3/4 of it.
        points: Of each sequence, of which some are left out, being seen too rarely.
        noise: Deviation of the places where points are found in the frames, in px. The
            points are triangulated from them; 0 gives points that lie on the wall.
        outliers: Share of the points at a wrong depth.
        seed: Not negative; equal seeds give equal bytes.
        progress: Show a bar with the remaining time.

    Returns:
        ``root``, holding ``bag_<patient>/_start_.../``: frames, the files of structure
        from motion, ``observations.csv``, and in ``truth`` the depth of each frame,
        ``NNNNNNNN.npy``, (H, W) float32 along the optical axis in the unit of the
        poses, ``wall.ply``, triangles of the wall in the coordinates and unit of the
        poses, ``poses.txt``, where clouds of the frames lie on it, and ``outliers``,
        the numbers of the points at a wrong depth.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    check_seed(seed)
    for name, value, low, high in (
        ('patients', patients, 1, 999),
        ('frames', frames, 2, 999),
        ('width', width, 96, 1024),
        ('points', points, 20, 10000),
        ('noise', noise, 0, 5),
        ('outliers', outliers, 0, 0.9),
    ):
        if not low <= value <= high:
            raise ValueError(f'{name}: expected {low} to {high}, got {value}')
    if width % 4:
        raise ValueError(f'width: expected a multiple of 4, got {width}')
    params: dict[str, Any] = dict(
        patients=patients,
        frames=frames,
        width=width,
        points=points,
        noise=noise,
        outliers=outliers,
        seed=seed,
        version=VERSION,
        num_images=patients * frames,
    )
    write = partial(_write, params=params, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _write(root: Path, params: dict, progress: bool) -> None:
    bar = Bar(params['num_images'], progress)
    for patient in range(1, params['patients'] + 1):
        rng = np.random.default_rng([params['seed'], patient])
        write_sequence(
            root / f'bag_{patient}',
            1000 * patient,
            params['frames'],
            params['width'],
            rng,
            structure={key: params[key] for key in ('noise', 'outliers')}
            | dict(num_points=params['points']),
            tick=bar.update,
        )
    bar.finish()
