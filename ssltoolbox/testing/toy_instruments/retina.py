"""Paint the back of an eye as a microscope shows it."""

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal
from ssltoolbox.testing.drawing.strokes import vessel

# RGB: ground, vessels.
RETINAS = (
    ((206, 104, 54), (134, 34, 22)),
    ((186, 92, 70), (112, 28, 26)),
    ((216, 138, 78), (150, 50, 30)),
)
DISC = (250, 214, 150)


def retina(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return a retina (height, width, 3), float32 RGB in 0 to about 255."""
    ground, red = np.array(RETINAS[rng.integers(len(RETINAS))], np.float32)
    shade = 1 + 0.09 * fractal(rng, width, height, 6)
    image = (ground + rng.normal(0, 6, 3).astype(np.float32)) * shade[..., None]
    for _ in range(rng.integers(6, 12)):
        vessel(rng, image, red, rng.uniform(1, 5))
    disc = np.zeros((height, width), np.float32)
    centre = rng.uniform((0.1 * width, 0.1 * height), (0.9 * width, 0.9 * height))
    radius = float(rng.uniform(0.07, 0.11) * width)
    axes = (2 * radius, 2 * radius * float(rng.uniform(0.85, 1.1)))
    cv2.ellipse(disc, (tuple(map(float, centre)), axes, 0.0), 1.0, -1)
    disc = cv2.GaussianBlur(disc, (0, 0), 0.12 * radius + 1)[..., None]
    image += 0.8 * disc * (np.float32(DISC) - image)
    for _ in range(4):
        vessel(rng, image, red, rng.uniform(1, 3))
    return image
