"""What lies between the scene and its picture: tissue in front, smoke and lamp."""

from typing import NamedTuple

import cv2
import numpy as np

from ssltoolbox.testing.drawing.palette import fractal

from .tissue import BLOOD


class Flap(NamedTuple):
    """Tissue in front of the instruments: a lump that rises from the border.

    ``middle`` (2,) in image heights; ``radii`` (N,) of its outline at equal angles.
    """

    middle: np.ndarray
    radii: np.ndarray

    def mask(self, shift: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Return where it is (H, W) bool, moved by ``shift`` (2,) in image heights."""
        angles = np.linspace(0, 2 * np.pi, len(self.radii), endpoint=False)
        ring = np.stack([np.cos(angles), np.sin(angles)], 1) * self.radii[:, None]
        points = np.round((self.middle + shift + ring) * shape[0] * 16).astype(np.int32)
        mask = np.zeros(shape, np.uint8)
        cv2.fillPoly(mask, [points], 1, shift=4)
        return mask > 0


def sample_flap(rng: np.random.Generator, aspect: float) -> Flap:
    """Draw a lump at a random place of the border."""
    angle, out = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1)
    toward = out * np.array([np.cos(angle), np.sin(angle)])
    middle = 0.5 * np.array([aspect, 1]) * (1 + toward)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    wobble = sum(
        rng.normal(0, 0.22 / n) * np.cos(n * angles + rng.uniform(0, 6.3))
        for n in range(2, 6)
    )
    return Flap(middle, rng.uniform(0.22, 0.36) * (1 + np.clip(wobble, -0.5, 0.5)))


def cover(canvas: np.ndarray, mask: np.ndarray, texture: np.ndarray) -> None:
    """Paint a flap with its texture, rounded edge and shadow, in place."""
    soft = mask.astype(np.float32)
    scale = 0.02 * mask.shape[0]
    shadow = cv2.GaussianBlur(soft, (0, 0), 1.6 * scale)
    canvas *= 1 - 0.55 * shadow[..., None]
    body = 0.6 + 0.45 * np.clip(2 * cv2.GaussianBlur(soft, (0, 0), 2 * scale) - 1, 0, 1)
    canvas[mask] = (texture * body[..., None])[mask]


class Smoke:
    """Smoke of cautery that drifts through a take.

    Args:
        rng (np.random.Generator): Decides everything else.
        size (tuple): Width and height of the canvas, pixels.
        density (float): Largest share of grey, in [0, 1].
    """

    def __init__(
        self, rng: np.random.Generator, size: tuple[int, int], density: float
    ) -> None:
        self.size = width, height = size
        cloud = fractal(rng, 2 * width, 2 * height, 6)
        self.cloud = density * np.clip(0.45 + 0.4 * cloud, 0, 1)
        self.start = rng.uniform(0.3, 0.7, 2) * size
        self.drift = rng.normal(0, 0.02, 2) * width
        self.grey = rng.uniform(150, 215)

    def over(self, canvas: np.ndarray, frame: int) -> None:
        """Lay the smoke of a frame over the canvas, in place."""
        width, height = self.size
        x, y = np.clip(self.start + frame * self.drift, 0, self.size).astype(int)
        share = self.cloud[y : y + height, x : x + width, None]
        canvas += share * (np.float32(self.grey) - canvas)


def bleed(canvas: np.ndarray, film: np.ndarray) -> None:
    """Lay a film of blood (H, W), in [0, 1], over the canvas, in place."""
    canvas += film[..., None] * (np.float32(BLOOD) - canvas)


def lamp_field(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Return the light of the endoscope (H, W, 3): bright near a place."""
    width, height = size
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    x, y = rng.uniform(0.3, 0.7, 2) * size
    far = np.hypot(xs - x, ys - y) / height
    gain = rng.uniform(0.85, 1.2) * np.exp(-rng.uniform(0.25, 1.1) * far * far)
    tint = (1 + rng.normal(0, 0.03, 3)).astype(np.float32)
    return (gain + 0.06).astype(np.float32)[..., None] * tint
