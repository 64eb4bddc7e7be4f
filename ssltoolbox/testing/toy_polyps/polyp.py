"""Grow polyps on a surface: flat, sessile or on a stalk, of one or several lobes."""

from typing import NamedTuple

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal

from .patient import Patient
from .surface import Surface, grid, mucosa

# (smallest, largest): radius in image heights; height of the dome, in radii.
FORMS = dict(
    flat=((0.14, 0.28), (0.12, 0.25)),
    sessile=((0.1, 0.28), (0.3, 0.65)),
    stalked=((0.09, 0.18), (0.4, 0.7)),
)
ODDS = (0.3, 0.5, 0.2)
REACH = 2.6
"""Half the side of the square that holds a polyp and its shade, in its radii."""


class Lobe(NamedTuple):
    """A dome.

    Args:
        middle (np.ndarray): (2,) x and y in image heights.
        radius (float): In image heights, the larger one of an oval.
        stretch (float): The larger radius over the smaller one.
        turn (float): Direction of the larger radius.
        waves (np.ndarray): (N, 2) amplitude and phase of the waves of its outline,
            from two per turn on.
    """

    middle: np.ndarray
    radius: float
    stretch: float
    turn: float
    waves: np.ndarray

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the distance of places from the middle (H, W), 1 on the outline."""
        x, y = x - self.middle[0], y - self.middle[1]
        cos, sin = float(np.cos(self.turn)), float(np.sin(self.turn))
        x, y = cos * x + sin * y, self.stretch * (cos * y - sin * x)
        angle, reach = np.arctan2(y, x), 1.0
        for number, (size, phase) in enumerate(self.waves.tolist(), 2):
            reach = reach + size * np.cos(number * angle + phase)
        return np.hypot(x, y) / (self.radius * reach)


def grow(
    rng: np.random.Generator, surface: Surface, patient: Patient, free: np.ndarray
) -> np.ndarray:
    """Grow a polyp on a surface, in place.

    Args:
        rng (np.random.Generator): Decides everything else.
        surface (Surface): Where it grows.
        patient (Patient): Gives its colour and its texture.
        free (np.ndarray): (H, W) bool, where its middle may lie; not empty.

    Returns:
        np.ndarray: (H, W) bool, what belongs to it.
    """
    height, width = free.shape
    form = list(FORMS)[rng.choice(len(FORMS), p=ODDS)]
    radius = float(rng.uniform(*FORMS[form][0]))
    rows, cols = np.nonzero(free)
    spot = rng.integers(len(rows))
    reach = int(REACH * radius * height)
    row, col = rows[spot], cols[spot]
    box = (
        slice(max(row - reach, 0), row + reach),
        slice(max(col - reach, 0), col + reach),
    )
    x, y = (values[box] for values in grid(width, height))
    middle = np.array([value[rows[spot], cols[spot]] for value in grid(width, height)])
    warp = 0.06 * radius * fractal(rng, x.shape[1], x.shape[0], 5)
    x, y = x + warp, y - warp
    lobes = _lobes(rng, middle, radius, form)
    distance = np.minimum.reduce([lobe.distance(x, y) for lobe in lobes])
    dome = np.clip(1 - distance ** rng.uniform(2, 4), 0, 1) ** rng.uniform(0.6, 1)
    bulge = rng.uniform(*FORMS[form][1]) * dome
    if form == 'stalked':
        stalk = _stalk(rng, x - middle[0], y - middle[1], radius)
        distance = np.minimum(distance, stalk)
        bulge = np.maximum(bulge, 0.3 * np.sqrt(np.clip(1 - stalk**2, 0, 1)))
    _paint(rng, surface.part(box), patient, distance, bulge, radius * height)
    mask = np.zeros_like(free)
    mask[box] = distance < 1
    return mask


def _lobes(rng, middle: np.ndarray, radius: float, form: str) -> list[Lobe]:
    """Draw one to three overlapping domes."""
    lobes = []
    for index in range(rng.choice((1, 2, 3), p=(0.6, 0.25, 0.15))):
        shift = rng.normal(0, 0.55, 2).clip(-0.8, 0.8) * radius if index else 0
        size = radius * (rng.uniform(0.5, 0.9) if index else 1)
        sizes = rng.normal(0, 0.13, 5) / np.arange(2, 7)
        waves = np.stack([sizes, rng.uniform(0, 2 * np.pi, 5)], 1)
        stretch = rng.uniform(1, 1.25 if form == 'stalked' else 1.7)
        lobes.append(Lobe(middle + shift, size, stretch, rng.uniform(0, np.pi), waves))
    return lobes


def _stalk(rng, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """Return the distance (H, W) from the bent axis of a stalk, 1 on its outline."""
    turn, length = rng.uniform(0, 2 * np.pi), radius * rng.uniform(1.4, 2.1)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    share = np.clip((x * cos + y * sin) / length, 0, 1)
    bow = 0.25 * length * float(rng.normal()) * share * share
    off = np.hypot(
        x - share * length * cos + bow * sin, y - share * length * sin - bow * cos
    )
    return off / (radius * rng.uniform(0.32, 0.45) * (0.85 + 0.4 * share * share))


def _paint(
    rng, surface: Surface, patient: Patient, distance, bulge, radius: float
) -> None:
    """Give the polyp relief, colours, and the shade around its foot.

    ``distance`` and ``bulge`` (H, W) are in radii, ``radius`` in pixels.
    """
    height, width = bulge.shape
    inside = np.clip((1.02 - distance) / 0.1, 0, 1)
    around = np.exp(-(((np.maximum(distance, 1) - 1) / 0.22) ** 2))
    smooth = cv2.GaussianBlur(surface.relief, (0, 0), 0.6 * radius)
    soft = cv2.GaussianBlur(radius * bulge, (0, 0), 0.1 * radius)
    surface.relief += inside * (smooth - surface.relief) + soft
    even = cv2.GaussianBlur(surface.light, (0, 0), 0.6 * radius)
    surface.light += 0.7 * inside * (even + 0.1 - surface.light)
    surface.light *= 1 - rng.uniform(0.05, 0.3) * around * (1 - inside)
    tint = patient.tint * rng.uniform(0.8, 1.2) + rng.normal(0, 4, 3)
    colour = mucosa(rng, patient.mucosa, width, height) + tint.astype(np.float32)
    colour += _texture(rng, surface, patient.texture, inside, radius)[..., None]
    share = rng.uniform(0.8, 0.95) * inside
    surface.albedo += share[..., None] * (colour - surface.albedo)


def _texture(rng, surface: Surface, kind: str, inside, radius: float) -> np.ndarray:
    """Roughen the relief of a polyp and return what is added to its colours (H, W)."""
    height, width = inside.shape
    if kind == 'gyrate':
        waves = np.cos(rng.uniform(2, 4) * fractal(rng, width, height, 5))
        surface.relief += 0.05 * radius * inside * waves
        return 9 * waves
    fine = fractal(rng, width, height, 7) - fractal(rng, width, height, 3)
    if kind == 'smooth':
        return 2 * fine
    pits = np.clip(cv2.GaussianBlur(fine, (0, 0), 1.0) - 0.5, 0, 1)
    surface.relief -= 1.5 * inside * pits
    return -22 * pits
