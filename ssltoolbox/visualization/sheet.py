"""Contact sheets: captions, headings and a legend around a grid of pictures."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .colors import INK, PAPER

GAP = 10
Color = tuple[int, int, int]


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path(), 'fonts', 'ttf')
    return ImageFont.truetype(str(folder / 'DejaVuSans.ttf'), size)


def text_strip(
    text: str, width: int, size: int, *, align: str = 'left', color: Color = INK
) -> np.ndarray:
    """Draw one line of text; what is too long ends in an ellipsis.

    Args:
        text (str): The line.
        width (int): Width of the strip in px.
        size (int): Height of the letters in px.
        align (str): ``'left'`` or ``'center'``.
        color (tuple[int, int, int]): BGR.

    Returns:
        np.ndarray: (about 1.7 * size, width, 3) uint8 strip on paper colour.
    """
    font, height = _font(size), round(1.7 * size)
    if font.getlength(text) > width:
        while text and font.getlength(text + '…') > width:
            text = text[:-1]
        text += '…'
    strip = Image.new('RGB', (width, height), PAPER)
    left = (width - font.getlength(text)) / 2 if align == 'center' else 0
    draw = ImageDraw.Draw(strip)
    draw.text((left, height / 2), text, color, font, anchor='lm')
    return np.array(strip)


def fit(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale an image to fit a cell and centre it, without changing its shape.

    Args:
        image (np.ndarray): (H, W, 3) or grey (H, W) uint8.
        size (tuple[int, int]): (width, height) of the cell in px.

    Returns:
        np.ndarray: (height, width, 3) uint8.
    """
    image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
    factor = min(size[0] / image.shape[1], size[1] / image.shape[0])
    inner = [max(1, round(side * factor)) for side in image.shape[1::-1]]
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    cell = np.full((size[1], size[0], 3), PAPER, np.uint8)
    top, left = (size[1] - inner[1]) // 2, (size[0] - inner[0]) // 2
    cell[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=method
    )
    return cell


def legend_strip(legend: dict[str, np.ndarray], width: int, size: int) -> np.ndarray:
    """Draw small pictures with their meaning, in as many lines as the width needs.

    Args:
        legend (dict[str, np.ndarray]): Meaning to its (h, w, 3) uint8 picture.
        width (int): Width of the strip in px.
        size (int): Height of the letters in px.

    Returns:
        np.ndarray: (2 * size for each line, width, 3) uint8.
    """
    font, places, left, top = _font(size), [], 0, 0
    for name in legend:
        length = round(2.3 * size + font.getlength(name))
        if left and left + length > width:
            left, top = 0, top + 2 * size
        places.append((left, top))
        left += length + round(1.5 * size)
    strip = Image.new('RGB', (width, top + 2 * size), PAPER)
    draw = ImageDraw.Draw(strip)
    for (left, top), (name, icon) in zip(places, legend.items(), strict=True):
        strip.paste(Image.fromarray(fit(icon, (2 * size, 2 * size))), (left, top))
        draw.text((left + 2.3 * size, top + size), name, INK, font, anchor='lm')
    return np.array(strip)


def grid(
    images: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    cols: int = 4,
    *,
    cell: tuple[int, int] = (320, 320),
    headings: Sequence[str] = (),
    row_titles: Sequence[str] = (),
    legend: dict[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Arrange images in a contact sheet with captions below them.

    Args:
        images (Sequence[np.ndarray]): uint8 BGR or grey images of any size.
        titles (Sequence[str], optional): One caption per image.
        cols (int): Columns, positive.
        cell (tuple[int, int]): (width, height) of a picture in px.
        headings (Sequence[str]): One per column, above the first row.
        row_titles (Sequence[str]): One line below each row, as wide as the sheet.
        legend (dict[str, np.ndarray], optional): Meaning to a small picture of it,
            at the bottom.

    Returns:
        np.ndarray: (H, W, 3) uint8 sheet, BGR.

    Raises:
        ValueError: If there is no image, or captions and images differ in number.
    """
    if not len(images):
        raise ValueError('grid: images is empty, expected at least one image')
    if titles is not None and len(titles) != len(images):
        raise ValueError(
            f'grid: got {len(titles)} titles for {len(images)} images, give one each'
        )
    size = max(12, round(cell[0] / 20))
    width = cols * (cell[0] + GAP) - GAP
    tiles = [fit(image, cell) for image in images]
    if titles is not None:
        captions = [text_strip(title, cell[0], size) for title in titles]
        tiles = [np.vstack(pair) for pair in zip(tiles, captions, strict=True)]
    tiles += [np.full_like(tiles[0], PAPER)] * (-len(tiles) % cols)
    rows = [_row(tiles[i : i + cols]) for i in range(0, len(tiles), cols)]
    for i, title in enumerate(row_titles):
        rows[i] = np.vstack([rows[i], text_strip(title, width, size)])
    if headings:
        strips = [text_strip(h, cell[0], size + 3, align='center') for h in headings]
        strips += [np.full_like(strips[0], PAPER)] * (cols - len(strips))
        rows.insert(0, _row(strips))
    if legend:
        rows.append(legend_strip(legend, width, size))
    gap = np.full((GAP, width, 3), PAPER, np.uint8)
    sheet = np.vstack([part for row in rows for part in (row, gap)][:-1])
    return cv2.copyMakeBorder(
        sheet, *[2 * GAP] * 4, borderType=cv2.BORDER_CONSTANT, value=PAPER
    )


def _row(tiles: Sequence[np.ndarray]) -> np.ndarray:
    gap = np.full((tiles[0].shape[0], GAP, 3), PAPER, np.uint8)
    return np.hstack([part for tile in tiles for part in (tile, gap)][:-1])
