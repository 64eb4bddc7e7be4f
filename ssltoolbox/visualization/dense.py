"""Maps and classes of pixels laid over their image: pure functions on uint8 BGR."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from .colors import INK, PAPER

Color = tuple[int, int, int]

DISTINCT: tuple[Color, ...] = (
    (0, 159, 230),
    (233, 180, 86),
    (115, 158, 0),
    (66, 228, 240),
    (0, 94, 213),
    (167, 121, 204),
    (178, 114, 0),
)
"""Okabe and Ito's colours, see :mod:`~ssltoolbox.visualization.colors`."""


def distinct_colors(count: int) -> list[Color]:
    """Colours for ``count`` joints or classes; from the eighth they repeat."""
    return [DISTINCT[i % len(DISTINCT)] for i in range(count)]


def class_colors(meta: Mapping[str, Any]) -> list[Color]:
    """BGR colours of the classes: those of the data set's palette, else distinct ones.

    Args:
        meta (Mapping): Meta information of a data set; palettes of mmseg are RGB.
    """
    given = meta.get('palette') or []
    colors = [(int(b), int(g), int(r)) for r, g, b in given]
    return colors or distinct_colors(len(meta.get('classes') or ()) or 255)


def draw_maps(
    image: np.ndarray,
    maps: np.ndarray,
    colors: Sequence[Color],
    max_value: float = 1.0,
) -> np.ndarray:
    """Lay several heatmaps over their image, each in its colour.

    What is near zero leaves the image as it is. A cell covers the pixels under it.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        maps (np.ndarray): (C, h, w).
        colors (Sequence[tuple]): One BGR colour per map.
        max_value (float): The value at which a map hides the image most, positive.

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """
    size = image.shape[1::-1]
    total, tint = np.zeros(image.shape[:2]), np.zeros(image.shape)
    highest = np.zeros(image.shape[:2])
    for heat, color in zip(maps, colors, strict=True):
        heat = np.nan_to_num(np.asarray(heat, np.float32))
        heat = cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)
        share = np.clip(heat / max_value, 0, 1)
        total += share
        tint += share[..., None] * np.array(color, float)
        highest = np.maximum(highest, share)
    tint /= np.maximum(total, 1e-6)[..., None]
    alpha = 0.8 * highest[..., None]
    return np.rint(image * (1 - alpha) + tint * alpha).astype(np.uint8)


def draw_classes(
    image: np.ndarray,
    classes: np.ndarray,
    palette: Sequence[Color],
    kept: np.ndarray | None = None,
) -> np.ndarray:
    """Lay classes of pixels over their image; pixels not kept are dark and grey.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        classes (np.ndarray): (h, w) whole numbers; those beyond the palette, such as
            255, are left as they are in the image.
        palette (Sequence[tuple]): One BGR colour per class; black, which most palettes
            have for the background, is no tint.
        kept (np.ndarray, optional): (h, w) bool.

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """

    def enlarged(part: np.ndarray) -> np.ndarray:
        size = image.shape[1::-1]
        return cv2.resize(part, size, interpolation=cv2.INTER_NEAREST_EXACT)

    index = enlarged(np.asarray(classes).astype(np.int32))
    known = (index >= 0) & (index < len(palette))
    tint = np.array(palette, float)[np.where(known, index, 0)]
    known &= tint.any(-1)
    drawn = np.where(known[..., None], 0.5 * image + 0.5 * tint, image)
    if kept is not None:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None] * 0.4
        drawn = np.where(
            enlarged(np.asarray(kept, np.uint8))[..., None] > 0, drawn, grey
        )
    return np.rint(drawn).astype(np.uint8)


def swatch(color: Color) -> np.ndarray:
    """A filled square with a dark edge, (48, 48, 3), as a legend shows a colour."""
    icon = np.full((48, 48, 3), PAPER, np.uint8)
    cv2.rectangle(icon, (10, 10), (37, 37), color, -1)
    cv2.rectangle(icon, (10, 10), (37, 37), INK, 2)
    return icon
