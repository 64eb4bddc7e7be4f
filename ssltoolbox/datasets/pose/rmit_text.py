"""Read the label files of RMIT (retinal microsurgery): one line of text per frame."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ssltoolbox.utils.image_file import IMAGE_SUFFIXES

POINTS = 4
AXIS_ORDERS = ('yx', 'xy')
HINT = (
    'A line is "name c1 c2 ... c8", four points separated by blanks, or "name -1" '
    'where the instrument is not visible.'
)


class RmitFrame(NamedTuple):
    """A frame that shows the instrument.

    Args:
        line: Its line in the file, from 1.
        name: Name of the frame, without suffix.
        points: (4, 2) float32, x and y in image pixels.
    """

    line: int
    name: str
    points: np.ndarray


def read_rmit(path: str | Path, axis_order: str = 'yx') -> list[RmitFrame]:
    """Read the frames in which the instrument is visible, in the order of the file.

    Args:
        path: The file.
        axis_order: What the two numbers of a point are: ``'yx'``, as the published
            program takes them for its heatmaps, or ``'xy'``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line is wrong, a name is repeated, or no frame is visible.
    """
    path = Path(path)
    if axis_order not in AXIS_ORDERS:
        raise ValueError(f'axis_order is one of {AXIS_ORDERS}, got {axis_order!r}')
    if not path.is_file():
        raise FileNotFoundError(
            f'label file {path.absolute()} does not exist. RMIT has seq1.txt, seq2.txt '
            'and seq3.txt, put in data_root.'
        )
    lines = path.read_text(encoding='utf-8', errors='replace').splitlines()
    frames = [
        RmitFrame(number, name, points if axis_order == 'xy' else points[:, ::-1])
        for number, line in enumerate(lines, 1)
        if line.strip()
        for name, points in _parse(line, path, number)
    ]
    if not frames:
        raise ValueError(
            f'{path}: none of its {len(lines)} lines has a visible instrument. {HINT}'
        )
    counts = Counter(frame.name for frame in frames)
    double = [name for name, count in counts.items() if count > 1]
    if double:
        raise ValueError(
            f'{path}: {len(double)} of {len(counts)} frames have several lines (first: '
            f'{double[0]}); keep one.'
        )
    return frames


def first_half(count: int) -> int:
    """How many visible frames of a sequence are for training; the rest is for tests.

    Source: the published split, ``floor(n / 2) + 1``.

    >>> first_half(7)
    4
    """
    return min(count, count // 2 + 1)


def _parse(line: str, path: Path, number: int) -> list[tuple[str, np.ndarray]]:
    """Return the name and the points of a line, nothing if there is no instrument."""
    name, *fields = line.split()
    if fields and fields[0] == '-1':
        return []
    try:
        values = np.array([float(field) for field in fields[: 2 * POINTS]], np.float32)
    except ValueError:
        values = np.zeros(0, np.float32)
    if len(values) < 2 * POINTS or not np.isfinite(values).all():
        raise ValueError(f'{path}, line {number}: got {line.strip()[:80]!r}. {HINT}')
    stem = Path(name).stem if name.lower().endswith(IMAGE_SUFFIXES) else name
    return [(stem, values.reshape(POINTS, 2))]
