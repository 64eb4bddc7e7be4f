"""Write point clouds and surfaces as PLY, which every viewer of 3D data reads."""

from pathlib import Path
from typing import Literal

import numpy as np

from ssltoolbox.utils.atomic import write_bytes

Encoding = Literal['binary', 'ascii']

_FIELDS = (
    *((axis, '<f4', 'float') for axis in 'xyz'),
    *((colour, 'u1', 'uchar') for colour in ('red', 'green', 'blue')),
)


def write_ply(
    path: str | Path,
    points: np.ndarray,
    colors: np.ndarray | None = None,
    encoding: Encoding = 'binary',
    triangles: np.ndarray | None = None,
) -> None:
    """Write points in one step, so that a reader never sees half of a file.

    Args:
        path: The file; missing folders are made.
        points: (N, 3), written as float32.
        colors: (N, 3) uint8, RGB; None for none.
        encoding: ``'binary'``, 15 bytes per point with its colour, or ``'ascii'``, with
            the nine digits that tell float32 numbers apart.
        triangles: (M, 3), numbers of the points; None for a cloud.

    Raises:
        ValueError: The arrays do not fit together, or there is no such encoding.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f'{path}: points must be (N, 3), got {points.shape}')
    if colors is not None and (colors.shape != points.shape or colors.dtype != 'u1'):
        raise ValueError(
            f'{path}: colours must be uint8 {points.shape} like the points, got '
            f'{colors.dtype} {colors.shape}'
        )
    if encoding not in ('binary', 'ascii'):
        raise ValueError(f"encoding must be 'binary' or 'ascii', got {encoding!r}")
    fields = _FIELDS[: 3 if colors is None else 6]
    form = 'ascii' if encoding == 'ascii' else 'binary_little_endian'
    lines = ['ply', f'format {form} 1.0', f'element vertex {len(points)}']
    lines += [f'property {kind} {name}' for name, _, kind in fields]
    if triangles is not None:
        lines += [f'element face {len(triangles)}']
        lines += ['property list uchar int vertex_indices']
    header = '\n'.join([*lines, 'end_header', ''])
    table = np.empty(len(points), [(name, kind) for name, kind, _ in fields])
    for i, axis in enumerate('xyz'):
        table[axis] = points[:, i]
    if colors is not None:
        for i, name in enumerate(('red', 'green', 'blue')):
            table[name] = colors[:, i]
    tables = [table] if triangles is None else [table, _faces(triangles)]
    body = b''.join(
        each.tobytes() if encoding == 'binary' else _text(each) for each in tables
    )
    write_bytes(path, header.encode() + body)


def _faces(triangles: np.ndarray) -> np.ndarray:
    faces = np.empty(len(triangles), [('count', 'u1'), *((c, '<i4') for c in 'abc')])
    faces['count'] = 3
    for i, corner in enumerate('abc'):
        faces[corner] = triangles[:, i]
    return faces


def _text(table: np.ndarray) -> bytes:
    kinds = (
        '%.9g' if table.dtype[name].kind == 'f' else '%d' for name in table.dtype.names
    )
    line = ' '.join(kinds) + '\n'
    return ''.join(line % row for row in table.tolist()).encode()
