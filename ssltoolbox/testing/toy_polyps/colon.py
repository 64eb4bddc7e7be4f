"""Build the healthy wall: a tube with folds around its lumen, mucosa and vessels."""

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal
from ssltoolbox.testing.drawing.strokes import vessel

from .patient import Patient
from .surface import Surface, grid, mucosa

LUMEN_SHARE = 0.6
"""Share of the pictures that look along the bowel; the others look at its wall."""


def colon(
    rng: np.random.Generator, patient: Patient, width: int, height: int
) -> Surface:
    """Draw a part of the bowel without a polyp, (height, width) pixels."""
    relief, light = _tube(rng, patient.folds, width, height)
    relief += 0.007 * height * fractal(rng, width, height, 6)
    albedo = mucosa(rng, patient.mucosa, width, height)
    red = np.array([0.82, 0.55, 0.55]) * patient.mucosa[1]
    for _ in range(rng.integers(0, 3 + int(4 * patient.vessels))):
        layer = albedo.copy()
        vessel(rng, layer, red, rng.uniform(1, 2.6))
        albedo += (0.25 + 0.75 * patient.vessels) * (layer - albedo)
    return Surface(albedo, relief, light)


def _tube(
    rng: np.random.Generator, folds: float, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return relief and light (H, W) of a tube that is seen from inside.

    Folds lie at equal steps of the logarithm of the distance from the lumen, as equal
    steps along a tube do in perspective. Each is an arc: bright rim towards the viewer,
    and in its shade, nearer to the lumen, the wall behind it.
    """
    x, y = grid(width, height)
    along = rng.random() < LUMEN_SHARE
    off = rng.uniform(0.05, 0.42) if along else rng.uniform(0.75, 1.2)
    turn = rng.uniform(0, 2 * np.pi)
    x, y = x - 1.2 * off * float(np.cos(turn)), y - off * float(np.sin(turn))
    angle, radius = np.arctan2(y, x), np.hypot(x, y) + 1e-3
    bends = rng.uniform(0, 2 * np.pi, 2).tolist()
    shape = 1 + 0.16 * np.cos(3 * angle + bends[0]) + 0.1 * np.cos(2 * angle + bends[1])
    wobble = 0.1 * fractal(rng, width, height, 2)
    place = folds * (np.log(radius / shape) + wobble) + rng.uniform(0, 1)
    number = np.floor(place)
    behind = place - number
    index = (number - number.min()).astype(int)
    middles = rng.uniform(0, 2 * np.pi, index.max() + 1).astype(np.float32)[index]
    heights = rng.uniform(0.1, 1, index.max() + 1).astype(np.float32)[index]
    arc = heights * np.clip(0.45 + 0.8 * np.cos(angle - middles), 0, 1)
    arc = cv2.GaussianBlur(arc, (0, 0), 0.01 * height)
    scale = height * np.minimum(radius, 0.6)
    rim = 0.06 * scale * arc * np.exp(-behind / 0.2)
    relief = 0.45 * height * radius + cv2.GaussianBlur(rim, (0, 0), 0.014 * height)
    bright = 1 + 0.3 * arc * np.exp(-behind / 0.1)
    dark = bright - 0.7 * arc * np.clip((behind - 0.4) / 0.6, 0, 1) ** 1.5
    light = dark * (1.06 - np.exp(-((radius / rng.uniform(0.2, 0.34)) ** 1.3)))
    return relief, cv2.GaussianBlur(light, (0, 0), 0.007 * height)
