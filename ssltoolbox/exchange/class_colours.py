"""Masks in colours that a person tells apart, and back to classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from ssltoolbox.datasets.seg.codes import IGNORED
from ssltoolbox.utils.atomic import atomic_path
from ssltoolbox.visualization.overlay import class_palette

WHITE = (255, 255, 255)


def colours_of(meta: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """RGB colour of each class; what is ignored is white.

    Raises:
        ValueError: Two classes share a colour, or one is white.
    """
    found = [(r, g, b) for b, g, r in class_palette(meta)]
    if len({*found, WHITE}) <= len(found):
        raise ValueError(
            'two classes have the same colour, or one is white, which stands for what '
            'is ignored: give each class a colour of its own in the palette'
        )
    return found


def write_coloured(
    path: Path, classes: np.ndarray, colours: Sequence[tuple[int, int, int]]
) -> None:
    """Write classes (H, W) uint8 as a PNG with a palette, whole or not at all."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(colours)] = colours
    palette[IGNORED] = WHITE
    picture = Image.fromarray(classes, mode='P')
    picture.putpalette(palette.tobytes())
    with atomic_path(path) as temporary:
        picture.save(temporary)


def read_coloured(path: Path, colours: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Read a mask that any program saved: colours, a palette, or grey class ids.

    Colours count, not the numbers of a palette, which programs put into another order.

    Args:
        path: The file.
        colours: RGB colour of each class.

    Returns:
        (H, W) uint8, 255 for what is ignored.

    Raises:
        ValueError: It cannot be decoded, or has other colours or numbers.
    """
    try:
        with Image.open(path) as file:
            grey = file.mode in ('L', '1', 'I', 'I;16')
            picture = np.array(file if grey else file.convert('RGB'))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ValueError(
            f'mask {path} cannot be decoded ({error}): save it again as PNG'
        ) from None
    if grey:
        known = (picture < len(colours)) | (picture == IGNORED)
        _refuse_others(~known, picture, path, f'classes 0 to {len(colours) - 1}')
        return picture.astype(np.uint8)
    table = np.full((len(colours) + 1, 2), IGNORED, np.int64)
    table[:, 0] = [_number(np.array(c)) for c in (*colours, WHITE)]
    table[:-1, 1] = range(len(colours))
    numbers = _number(picture.astype(np.int64))
    table = table[table[:, 0].argsort()]
    place = np.searchsorted(table[:, 0], numbers).clip(max=len(table) - 1)
    told = ', '.join(str(tuple(colour)) for colour in colours)
    _refuse_others(table[place, 0] != numbers, picture, path, f'the colours {told}')
    return table[place, 1].astype(np.uint8)


def _number(colour: np.ndarray) -> np.ndarray:
    return (colour[..., 0] << 16) | (colour[..., 1] << 8) | colour[..., 2]


def _refuse_others(
    wrong: np.ndarray, picture: np.ndarray, path: Path, expected: str
) -> None:
    if not wrong.any():
        return
    y, x = (int(each[0]) for each in np.nonzero(wrong))
    raise ValueError(
        f'mask {path}: {cv2.countNonZero(wrong.astype(np.uint8))} pixels have none of '
        f'{expected}, nor white for what is ignored; the first, x={x} y={y}, has '
        f'{picture[y, x].tolist()}. Draw with a hard brush, without soft edges, in '
        'these colours, and save as PNG'
    )
