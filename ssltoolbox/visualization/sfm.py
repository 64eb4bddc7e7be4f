"""Draw the points of structure from motion on the frames."""

import cv2
import numpy as np

from .colors import INK, PAPER

BITS = 4
SMALLEST = 640
"""Width of a picture in px up to which frames are enlarged."""
OUTLIER = (255, 0, 255)
"""Magenta, which no depth and no tissue has."""


def depth_colours(depths: np.ndarray, low: float, high: float) -> np.ndarray:
    """BGR (N, 3) uint8 of depths (N,): blue is near, red is far, even in 1 / depth."""
    inverse = 1 / np.clip(depths, low, high)
    share = (inverse - 1 / high) / max(1 / low - 1 / high, 1e-12)
    # both ends of the map are too dark to be told apart
    grey = np.rint(231 - 207 * share).astype(np.uint8)
    return cv2.applyColorMap(grey[:, None], cv2.COLORMAP_TURBO)[:, 0]


def draw_points(
    image: np.ndarray,
    pixels: np.ndarray,
    depths: np.ndarray,
    kept: np.ndarray,
    span: tuple[float, float],
    found: np.ndarray | None = None,
) -> np.ndarray:
    """Draw points where they lie: dots in the colour of their depth, crosses if wrong.

    Args:
        image: (H, W, 3) uint8, BGR. It is not changed.
        pixels: (N, 2).
        depths: (N,).
        kept: (N,) bool; the others are drawn as magenta crosses.
        span: Nearest and farthest depth that have a colour of their own.
        found: (N, 2) where the points were found: a white line leads there. Those that
            are not finite have none.

    Returns:
        uint8, a new image: that of small frames is a multiple as wide and high.
    """
    factor = max(1, round(SMALLEST / image.shape[1]))
    size = factor * image.shape[1], factor * image.shape[0]
    canvas = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    pixels = factor * (pixels + 0.5) - 0.5
    found = None if found is None else factor * (found + 0.5) - 0.5
    radius = max(2.0, min(canvas.shape[:2]) / 150)
    inside = np.isfinite(pixels).all(1) & (np.abs(pixels) < 1e4).all(1) & (depths > 0)
    colours = depth_colours(depths, *span)
    thin = max(1, round(radius / 3))
    for n in np.flatnonzero(inside):
        at = _fixed(pixels[n])
        if found is not None and np.isfinite(found[n]).all():
            cv2.line(canvas, at, _fixed(found[n]), PAPER, thin, cv2.LINE_AA, BITS)
        if kept[n]:
            _dot(canvas, at, radius, colours[n].tolist())
        else:
            _cross(canvas, pixels[n], 1.3 * radius, thin + 1)
    return canvas


def point_icons(radius: float = 9) -> dict[str, np.ndarray]:
    """Pictures of the kinds of points for a legend."""
    icons = {}
    for name, share in (('near', 1.0), ('far', 0.0)):
        icon = np.full((48, 48, 3), PAPER, np.uint8)
        colour = depth_colours(np.array([1.0 if share else 2.0]), 1, 2)[0]
        _dot(icon, _fixed(np.array([24, 24])), radius, colour.tolist())
        icons[name] = icon
    icon = np.full((48, 48, 3), PAPER, np.uint8)
    _cross(icon, np.array([24.0, 24.0]), radius, 4)
    icons['brightness does not fit'] = icon
    return icons


def _dot(canvas: np.ndarray, at: tuple[int, int], radius: float, colour: list) -> None:
    size = round(radius * 2**BITS)
    cv2.circle(canvas, at, size, colour, -1, cv2.LINE_AA, BITS)
    cv2.circle(canvas, at, size, INK, 1, cv2.LINE_AA, BITS)


def _cross(canvas: np.ndarray, at: np.ndarray, reach: float, width: int) -> None:
    for step in ((reach, reach), (reach, -reach)):
        ends = _fixed(at - step), _fixed(at + step)
        cv2.line(canvas, *ends, OUTLIER, width, cv2.LINE_AA, BITS)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    x, y = np.rint(np.asarray(point, float) * 2**BITS).astype(int).tolist()
    return x, y
