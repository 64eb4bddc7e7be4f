"""Choose scale and position of a figure in the frame."""

import numpy as np

from .figure import Figure
from .render import Camera, extent

MAX_OVERLAP = 0.3
"""Largest share of the smaller figure's extent that two figures may have in common."""


def place(
    figure: Figure,
    rotation: np.ndarray,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Camera:
    """Place the main figure: mostly whole, every eighth one cut by the border."""
    frame = np.array(size, float)
    full, middle = _fit(figure, rotation, frame)
    cut = rng.random() < 0.125
    for _ in range(20):
        scale = full * (rng.uniform(0.75, 1.25) if cut else rng.uniform(0.62, 1.0))
        free = 0.11 if cut else 0.5 * (1 - 0.8 * scale / full)
        offset = frame * (0.5 + free * rng.uniform(-1, 1, 2)) - scale * middle
        camera = Camera(rotation, float(scale), offset)
        if _inside(figure, camera, frame) >= (12 if cut else 15):
            return camera
    return Camera(rotation, float(0.8 * full), frame / 2 - 0.8 * full * middle)


def place_beside(
    figure: Figure,
    rotation: np.ndarray,
    size: tuple[int, int],
    rng: np.random.Generator,
    taken: np.ndarray,
) -> Camera | None:
    """Place a further, smaller figure next to the extent ``taken``.

    Returns:
        Camera or None: None when no free place was found.
    """
    frame = np.array(size, float)
    full, middle = _fit(figure, rotation, frame)
    for _ in range(40):
        scale = full * rng.uniform(0.35, 0.62)
        offset = frame * rng.uniform((-0.05, 0.15), (1.05, 0.75)) - scale * middle
        camera = Camera(rotation, float(scale), offset)
        box = extent(figure, camera)
        inside = _inside(figure, camera, frame)
        if inside >= 9 and _overlap(box, taken) <= MAX_OVERLAP:
            return camera
    return None


def _fit(figure: Figure, rotation: np.ndarray, frame: np.ndarray) -> tuple:
    """Return the scale that fills the frame and the figure's middle at scale 1."""
    x0, y0, x1, y1 = extent(figure, Camera(rotation, 1.0, np.zeros(2)))
    return (frame / (x1 - x0, y1 - y0)).min(), np.array([x0 + x1, y0 + y1]) / 2


def _inside(figure: Figure, camera: Camera, frame: np.ndarray) -> int:
    points = camera.project(figure.keypoints)[:, :2]
    return int(((points >= 0) & (points <= frame - 1)).all(1).sum())


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    side = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    areas = [np.prod(box[2:] - box[:2]) for box in (a, b)]
    return float(np.prod(np.maximum(side, 0)) / min(areas))
