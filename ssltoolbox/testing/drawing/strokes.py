"""Draw smooth lines, and vessels that branch."""

import cv2
import numpy as np


def vessel(
    rng: np.random.Generator, image: np.ndarray, colour: np.ndarray, width: float
) -> None:
    """Paint a winding vessel with branches across the image, in place."""
    height, span = image.shape[:2]
    start = rng.uniform(0, (span, height))
    layer = np.zeros((height, span), np.float32)
    _branch(rng, layer, start, rng.uniform(0, 2 * np.pi), width, 3)
    layer = cv2.GaussianBlur(layer, (0, 0), 0.8 + 0.2 * width)
    image += rng.uniform(0.4, 0.85) * layer[..., None] * (np.float32(colour) - image)


def _branch(rng, layer, point, angle, width: float, forks: int) -> None:
    step = 0.03 * max(layer.shape)
    for _ in range(rng.integers(10, 24)):
        angle += rng.normal(0, 0.22)
        end = point + step * np.array([np.cos(angle), np.sin(angle)])
        line(layer, [point, end], 1.0, width)
        point = end
        if forks and rng.random() < 0.12:
            side = angle + rng.choice((-1, 1)) * rng.uniform(0.4, 0.9)
            _branch(rng, layer, point, side, 0.6 * width, forks - 1)


def line(image: np.ndarray, points, colour, width: float) -> None:
    """Draw a smooth line through points (N, 2), with a width in pixels, in place."""
    fixed = np.round(np.asarray(points) * 16).astype(np.int32)[:, None]
    thick = max(int(round(width)), 1)
    cv2.polylines(image, [fixed], False, colour, thick, cv2.LINE_AA, 4)
