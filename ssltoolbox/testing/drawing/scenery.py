"""Paint the ground behind the figures and the effects of the camera."""

import cv2
import numpy as np

from .clutter import Clutter
from .palette import PALETTES, Colours, fractal


def background(
    rng: np.random.Generator, width: int, height: int, palette: int, colours: Colours
) -> np.ndarray:
    """Return a cluttered background (height, width, 3), RGB in 0 to 255.

    Args:
        rng (np.random.Generator): Decides everything else.
        width (int): In pixels.
        height (int): In pixels.
        palette (int): Index into ``PALETTES``.
        colours (Colours): Of the figures; the clutter has them too.
    """
    far, near, second, grass = (
        np.array(c, np.float32) + (rng.normal(0, 4, 3) + rng.normal(0, 12)).astype('f4')
        for c in PALETTES[palette]
    )
    horizon = rng.uniform(-0.1, 0.5) * height
    edge = 0.05 * height * fractal(rng, width, 1, 4)[0]
    rows = np.arange(height, dtype=np.float32)[:, None]
    ground = np.clip((rows - horizon - edge) / (0.03 * height) + 0.5, 0, 1)[..., None]
    blend = np.clip(0.5 + 0.45 * fractal(rng, width, height), 0, 1)[..., None]
    floor = near + blend * (second - near)
    haze = far + 12 * fractal(rng, width, height, 3)[..., None]
    image = haze + ground * (floor - haze)
    _tufts(rng, image, horizon, grass)
    clutter = Clutter(rng, image, palette, colours)
    for y in np.sort(rng.uniform(max(horizon, 0), height, rng.integers(5, 12))):
        clutter.add(y)
    image += (rng.uniform(3, 11) * fractal(rng, width, height, 7))[..., None]
    return cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.6, 2.0)))


def _tufts(
    rng: np.random.Generator, image: np.ndarray, horizon: float, colour: np.ndarray
) -> None:
    """Strew short blades over the ground, longer towards the viewer."""
    height, width = image.shape[:2]
    top = max(horizon, 0)
    for _ in range(rng.integers(0, 160)):
        share = rng.random()
        x, y = rng.uniform(0, width), top + share * (height - top)
        length = (0.015 + 0.04 * share) * height
        tip = (int(x + 0.5 * length * rng.normal()), int(y - length))
        tint = tuple(float(c) for c in colour * rng.uniform(0.6, 1.25))
        cv2.line(image, (int(x), int(y)), tip, tint, 2, cv2.LINE_AA)


def finish(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Apply light gradient, exposure, blur and noise; return uint8 (H, W, 3)."""
    height, width = image.shape[:2]
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.32)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    ramp = (xs / width - 0.5) * np.cos(angle) + (ys / height - 0.5) * np.sin(angle)
    gain = rng.uniform(0.82, 1.12) * (1 + 2 * strength * ramp)[..., None]
    image = image * gain * np.float32(1 + rng.normal(0, 0.035, 3))
    if rng.random() < 0.45:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 0.9)))
    image = image + rng.normal(0, rng.uniform(1.5, 6), image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)
