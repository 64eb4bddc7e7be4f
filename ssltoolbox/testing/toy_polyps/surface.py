"""What is painted: the wall of the bowel as a relief with colours and light."""

from dataclasses import dataclass

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal


@dataclass
class Surface:
    """Seen from the endoscope; arrays are float32 of the fine canvas.

    Args:
        albedo (np.ndarray): (H, W, 3) RGB in 0 to about 255, unlit.
        relief (np.ndarray): (H, W) height towards the viewer, pixels of the canvas.
        light (np.ndarray): (H, W) share of the lamp's light that arrives.
    """

    albedo: np.ndarray
    relief: np.ndarray
    light: np.ndarray

    def part(self, box: tuple[slice, slice]) -> 'Surface':
        """Return a view of the rows and columns ``box``."""
        return Surface(self.albedo[box], self.relief[box], self.light[box])


def grid(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y (H, W) of the pixels in image heights, 0 in the middle."""
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    return (xs - 0.5 * (width - 1)) / height, (ys - 0.5 * (height - 1)) / height


def mucosa(
    rng: np.random.Generator, colours: np.ndarray, width: int, height: int
) -> np.ndarray:
    """Return unlit mucosa (height, width, 3) from three colours (3, 3)."""
    ground, second, pale = colours.astype(np.float32)
    blend = np.clip(0.45 + 0.4 * fractal(rng, width, height, 5), 0, 1)[..., None]
    image = ground + blend * (second - ground)
    fine = fractal(rng, width, height, 6)
    spots = np.clip(fine - rng.uniform(0.5, 1.5), 0, 1)
    image += 0.8 * spots[..., None] * (pale - image)
    return image + 3 * fine[..., None]


def shade(rng: np.random.Generator, surface: Surface, wetness: float) -> np.ndarray:
    """Light a surface by the lamp beside the lens; return RGB (H, W, 3).

    Lambert's law with some scattered light, and highlights where small bumps of a wet
    film mirror the lamp.
    """
    height, width = surface.relief.shape
    x, y = grid(width, height)
    to_lamp = np.stack([0.1 * float(rng.normal()) - 0.7 * v for v in (x, y)])
    relief = cv2.GaussianBlur(surface.relief, (0, 0), 0.9)
    facing = _facing(relief, to_lamp)
    image = surface.albedo * (surface.light * (0.3 + 0.75 * facing))[..., None]
    film = cv2.GaussianBlur(fractal(rng, width, height, 8), (0, 0), 1.4)
    film = relief + rng.uniform(1.2, 2.4) * film
    wet = 2 * fractal(rng, width, height, 4) + 2 * wetness - 3.4
    glint = np.clip(40 * (_facing(film, to_lamp) - 0.98), 0, 1) * np.clip(wet, 0, 1)
    glint = cv2.GaussianBlur(glint * np.clip(1.5 * surface.light, 0, 1), (0, 0), 0.8)
    return image + 230 * np.clip(1.6 * glint, 0, 1)[..., None]


def _facing(relief: np.ndarray, to_lamp: np.ndarray) -> np.ndarray:
    """Return the cosine (H, W) between surface and lamp, 0 where it is turned away."""
    dx = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=0.125)
    along = 1 - dx * to_lamp[0] - dy * to_lamp[1]
    lengths = np.sqrt((1 + dx * dx + dy * dy) * (1 + (to_lamp**2).sum(0)))
    return np.maximum(along / lengths, 0)
