"""Read sparse models of COLMAP that were written as text."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from .colmap_model import PARAMETERS, ColmapCamera, ColmapImage, ColmapPoint

Entry = TypeVar('Entry')


def read_cameras(path: Path) -> dict[int, ColmapCamera]:
    """Read ``cameras.txt``: a line per camera."""
    layout = 'CAMERA_ID MODEL WIDTH HEIGHT PARAMS[], as many as the model has'
    return dict(
        _parse(path, [(n, (text,)) for n, text in _lines(path)], _camera, layout)
    )


def read_images(path: Path) -> dict[int, ColmapImage]:
    """Read ``images.txt``: two lines per image, the second one may be empty."""
    lines = list(_lines(path, keep_empty=True))
    while lines and not lines[-1][1]:
        lines.pop()
    heads, features = lines[::2], [text for _, text in lines[1::2]]
    # the last image may have no features, and then no second line
    features += [''] * (len(heads) - len(features))
    pairs = [(n, (head, f)) for (n, head), f in zip(heads, features, strict=True)]
    layout = (
        'IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, and in the next line X Y '
        'POINT3D_ID of each feature'
    )
    return dict(_parse(path, pairs, _image, layout))


def read_points(path: Path) -> dict[int, ColmapPoint]:
    """Read ``points3D.txt``: a line per point."""
    layout = 'POINT3D_ID X Y Z R G B ERROR, then IMAGE_ID POINT2D_IDX of the track'
    return dict(
        _parse(path, [(n, (text,)) for n, text in _lines(path)], _point, layout)
    )


def _lines(path: Path, keep_empty: bool = False) -> Iterator[tuple[int, str]]:
    """Number and text of lines, without comments and empty lines at the top."""
    begun = False
    for number, text in enumerate(path.read_text(errors='replace').splitlines(), 1):
        text = text.strip()
        if not text.startswith('#') and (text or (keep_empty and begun)):
            begun = True
            yield number, text


def _parse(
    path: Path, lines: list, parse: Callable[..., Entry], layout: str
) -> Iterator[Entry]:
    for number, texts in lines:
        try:
            yield parse(*texts)
        except (ValueError, IndexError):
            raise ValueError(
                f'{path}, line {number}: expected {layout}, got {texts[0][:80]!r}'
            ) from None


def _camera(text: str) -> tuple[int, ColmapCamera]:
    number, model, width, height, *parameters = text.split()
    if len(parameters) != PARAMETERS.get(model, len(parameters)):
        raise ValueError
    values = tuple(map(float, parameters))
    return int(number), ColmapCamera(model, int(width), int(height), values)


def _image(text: str, features: str) -> tuple[int, ColmapImage]:
    number, *pose, camera, name = text.split(maxsplit=9)
    values = np.array(pose, float)
    pixels = np.array(features.split(), float).reshape(-1, 3)[:, :2]
    return int(number), ColmapImage(name, int(camera), values[:4], values[4:], pixels)


def _point(text: str) -> tuple[int, ColmapPoint]:
    values = text.split()
    place, track = np.array(values[1:4], float), np.array(values[8:], int)
    if len(values) < 8 or not np.isfinite(place).all():
        raise ValueError
    pairs = [(int(a), int(b)) for a, b in track.reshape(-1, 2)]
    return int(values[0]), ColmapPoint(place, pairs)
