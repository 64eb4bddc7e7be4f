"""One picture of what several networks and views say together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from ssltoolbox.datasets.transforms.load_mask import IGNORED

from .dense import class_colors, draw_classes, swatch
from .pseudo_labels import pseudo_label_panel

MAX_SHOWN = 12
MAX_NAMED = 8
CELL = (280, 210)


class FusedImage(NamedTuple):
    """An image and its fused label.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        classes: (h, w) uint8, 255 where there is none.
        confidence: (h, w) uint8, 255 = 1.0.
        title: What is known of it.
    """

    image: np.ndarray
    classes: np.ndarray
    confidence: np.ndarray
    title: str


def fusion_sheet(
    rows: Sequence[FusedImage], path: str | Path, meta: Mapping[str, Any]
) -> np.ndarray:
    """Write a sheet: of each image itself, its classes and its confidences.

    Pixels without a class are dark and grey. Confidences are shown from that of a
    guess, dark, to 1, bright.

    Args:
        rows (Sequence[FusedImage]): The images, one or more.
        path (str | Path): Picture to write, whole or not at all.
        meta (Mapping): Meta information of the data set: ``classes``, ``palette``.

    Returns:
        np.ndarray: (H, W, 3) uint8, BGR, as written.
    """
    names, colors = list(meta.get('classes') or ()), class_colors(meta)
    guess = 1 / max(len(names), 2)
    columns = {
        'image': [row.image for row in rows],
        'fused label': [
            draw_classes(row.image, row.classes, colors, row.classes != IGNORED)
            for row in rows
        ],
        'confidence': [_heat(row.confidence, guess) for row in rows],
    }
    legend = {n: swatch(c) for n, c in zip(names[:MAX_NAMED], colors, strict=False)}
    for value in (guess, (1 + guess) / 2, 1.0):
        shade = _heat(np.full((1, 1), round(255 * value), np.uint8), guess)[0, 0]
        blue, green, red = map(int, shade)
        legend[f'confidence {value:.2f}'] = swatch((blue, green, red))
    titles = [row.title for row in rows]
    return pseudo_label_panel(columns, path, titles, legend, CELL)


def _heat(confidence: np.ndarray, lowest: float) -> np.ndarray:
    share = (confidence / 255 - lowest) / (1 - lowest)
    level = np.rint(255 * share.clip(0, 1)).astype(np.uint8)
    return cv2.applyColorMap(level, cv2.COLORMAP_VIRIDIS)
