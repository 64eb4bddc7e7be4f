"""Colours of the landscapes and smooth noise to vary them."""

import cv2
import numpy as np

Colour = tuple[int, int, int]
Colours = tuple[Colour, ...]

# RGB: sky or far ground, near ground, second ground colour, grass blades.
PALETTES = (
    ((176, 204, 226), (112, 146, 70), (78, 112, 52), (92, 140, 48)),
    ((222, 210, 178), (198, 164, 104), (156, 122, 74), (188, 160, 84)),
    ((212, 222, 234), (230, 234, 240), (186, 196, 208), (150, 140, 118)),
    ((70, 92, 64), (92, 82, 56), (56, 60, 40), (70, 104, 50)),
    ((150, 150, 158), (132, 122, 112), (98, 92, 88), (120, 118, 84)),
    ((228, 178, 142), (138, 98, 76), (104, 70, 60), (126, 112, 62)),
)


def fractal(
    rng: np.random.Generator, width: int, height: int, octaves: int = 5
) -> np.ndarray:
    """Return smooth noise (height, width) of about unit deviation."""
    out = np.zeros((height, width), np.float32)
    for i in range(octaves):
        cells = 2 ** (i + 1)
        grid = rng.normal(0, 0.75**i, (cells + 2, cells + 2)).astype(np.float32)
        out += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return out / max(float(out.std()), 1e-6)
