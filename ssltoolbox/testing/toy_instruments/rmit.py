"""Write toy scenes of the eye in the layout of RMIT (Sznitman et al., MICCAI 2012)."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.testing.drawing.folder import Product, check_seed, write_once
from ssltoolbox.utils.atomic import write_text

from .body import HEAD, LEFT, RIGHT, SHAFT
from .output import Output, check_width, shares
from .scenario import EYE
from .video import video

PRODUCT = Product(
    'toy instruments', 'toy_instruments.json', images='.', pattern='seq*/*.png'
)
VERSION = 1
"""Grows with every change of the drawn pixels or of the annotations."""

NUM_SEQUENCES = 3
ASPECT = 640 / 480
POINTS = (SHAFT, HEAD, LEFT, RIGHT)
"""What the four points of a line are: the first lies on the shaft."""


def generate_rmit(
    root: str | os.PathLike,
    num_frames: int = 180,
    width: int = 160,
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    A line is ``name y1 x1 ... y4 x4``, in pixels, row before column as in the
    original. Where no instrument is in the image, all eight numbers are -1.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        num_frames (int): Of the three sequences together.
        width (int): Of the images in pixels; their height is 3/4 of it.
        seed (int): Not negative; equal seeds give equal bytes.
        progress (bool): Show a bar with the remaining time.

    Returns:
        Path: ``root``, holding ``seq1.txt`` to ``seq3.txt``, the pictures in ``seq1``
        to ``seq3``, and ``masks/<sequence>`` with the classes of ``take.CLASSES``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    check_width(width)
    check_seed(seed)
    lengths = shares('num_frames', num_frames, NUM_SEQUENCES)
    params: dict[str, Any] = dict(num_frames=num_frames, width=width, seed=seed)
    params |= dict(layout='rmit', version=VERSION)
    write = partial(_write, params=params, lengths=lengths, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _write(root: Path, params: dict, lengths: list[int], progress: bool) -> None:
    size = (params['width'], round(params['width'] / ASPECT))
    output = Output(sum(lengths), progress)
    for number, length in enumerate(lengths, 1):
        name = f'seq{number}'
        # After the codes of EndoVis'15: no two videos of a seed are the same.
        scenes = video(EYE, size, length, (params['seed'], 100 + number), leave=True)
        paths = [root / name / f'{name}_{i:04d}.png' for i in range(1, length + 1)]
        saved = output.save(scenes, paths, root / 'masks' / name)
        lines = [
            f'{path.name} {_fields(instruments)}\n'
            for path, instruments in zip(paths, saved, strict=True)
        ]
        write_text(root / f'{name}.txt', ''.join(lines))
    output.bar.finish()


def _fields(instruments: list[np.ndarray]) -> str:
    if not instruments:
        return ' '.join(['-1'] * 2 * len(POINTS))
    rows_and_columns = instruments[0][list(POINTS), 1::-1]
    return ' '.join(f'{value:.2f}' for value in rows_and_columns.ravel())
