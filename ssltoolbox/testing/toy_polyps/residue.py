"""Put on a surface what is no polyp: mounds, red patches, stool and bubbles."""

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal

from .surface import Surface, grid

STOOLS = ((156, 88, 38), (118, 68, 34), (186, 124, 70), (140, 92, 50))


def scatter(rng: np.random.Generator, surface: Surface, number: int) -> None:
    """Put ``number`` random things on a surface, in place."""
    kinds = (mound, patch, stool)
    for _ in range(number):
        kinds[rng.integers(len(kinds))](rng, surface)


def mound(rng: np.random.Generator, surface: Surface) -> None:
    """Raise the wall softly: it bulges as a polyp does, but without an edge."""
    height = surface.relief.shape[0]
    radius = rng.uniform(0.06, 0.16)
    bump = np.exp(-(_distance(rng, surface, radius) ** 2))
    surface.relief += rng.uniform(0.2, 0.5) * radius * height * bump


def patch(rng: np.random.Generator, surface: Surface) -> None:
    """Redden a place: it has the colour of a polyp, but is level."""
    share = np.exp(-(_distance(rng, surface, rng.uniform(0.05, 0.15)) ** 4))
    shift = np.float32((6, -18, -15)) * rng.uniform(0.4, 1.2)
    surface.albedo += share[..., None] * shift


def stool(rng: np.random.Generator, surface: Surface) -> None:
    """Leave some brown lumps."""
    height, width = surface.relief.shape
    colour = np.float32(STOOLS[rng.integers(len(STOOLS))]) * rng.uniform(0.8, 1.2)
    radius = rng.uniform(0.02, 0.07)
    near = _distance(rng, surface, 2 * radius)
    lumps = fractal(rng, width, height, 6) + 1.2 - near**2
    share = np.clip(4 * lumps, 0, 1)
    surface.relief += 0.5 * radius * height * np.sqrt(np.clip(lumps, 0, 1))
    surface.albedo += 0.9 * share[..., None] * (colour - surface.albedo)


def bubbles(rng: np.random.Generator, image: np.ndarray) -> None:
    """Float a cluster of bubbles over a lit image (H, W, 3), in place."""
    height, width = image.shape[:2]
    middle = rng.uniform(0.1, 0.9, 2) * (width, height)
    spread = rng.uniform(0.03, 0.12) * height
    white = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(4, 30)):
        spot = middle + rng.normal(0, spread, 2)
        radius = height * min(0.008 + rng.exponential(0.008), 0.04)
        _circle(white, spot, radius, 0.35, 1)
        _circle(white, spot - 0.45 * radius, max(0.25 * radius, 0.6), 0.9, -1)
        _circle(white, spot + 0.5 * radius, max(0.25 * radius, 0.6), 0.4, -1)
    image += white[..., None] * (245 - image)


def _circle(layer, middle: np.ndarray, radius: float, share: float, thick: int) -> None:
    place = tuple(np.round(16 * middle).astype(int).tolist())
    cv2.circle(layer, place, round(16 * radius), share, thick, cv2.LINE_AA, 4)


def _distance(rng: np.random.Generator, surface: Surface, radius: float) -> np.ndarray:
    """Return the distance (H, W) from a random place, in radii, of wobbly rings."""
    height, width = surface.relief.shape
    x, y = grid(width, height)
    at = np.asarray(rng.uniform((-0.6, -0.45), (0.6, 0.45)))
    warp = 0.2 * radius * fractal(rng, width, height, 4)
    stretch = rng.uniform(1, 1.6)
    return np.hypot(x - at[0] + warp, stretch * (y - at[1] - warp)) / radius
