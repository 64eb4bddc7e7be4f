"""The endoscope: its lens, the part of the frame that it shows, and its path."""

from dataclasses import dataclass

import cv2
import numpy as np

from .tube import Tube

ASPECT = 4 / 3
SUPERSAMPLE = 8


@dataclass(frozen=True)
class Lens:
    """A pinhole camera and its round field of view, cut off above and below.

    Attributes:
        size: (width, height) of the frame in px.
        matrix: (3, 3), its intrinsics in px.
        mask: (H, W) uint8, 255 where the frame shows the scene, grey on the rim.
    """

    size: tuple[int, int]
    matrix: np.ndarray
    mask: np.ndarray

    @classmethod
    def sample(cls, rng: np.random.Generator, width: int) -> 'Lens':
        """Draw one for frames of a width; they are 3/4 as high."""
        size = width, round(width / ASPECT)
        focal = 0.5 * width * rng.uniform(0.95, 1.05)
        middle = (np.array(size) - 1) / 2 + rng.uniform(-0.01, 0.01, 2) * width
        matrix = np.eye(3)
        matrix[0, 0], matrix[1, 1] = focal, focal * rng.uniform(0.99, 1.01)
        matrix[:2, 2] = middle
        return cls(size, matrix, field_of_view(size))

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Directions (N, 3) of pixels (N, 2), of depth 1."""
        flat = (pixels - self.matrix[:2, 2]) / self.matrix[[0, 1], [0, 1]]
        return np.concatenate([flat, np.ones((len(flat), 1))], 1)

    def pixels(self) -> np.ndarray:
        """All pixels (H * W, 2), row by row."""
        rows, columns = np.indices(self.size[::-1]).reshape(2, -1)
        return np.stack([columns, rows], 1).astype(float)


def field_of_view(size: tuple[int, int]) -> np.ndarray:
    """Mask (H, W) uint8 of a circle that is cut off above and below."""
    width, height = size
    fine = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE), np.uint8)
    centre = fine.shape[1] // 2, fine.shape[0] // 2
    cv2.circle(fine, centre, round(0.465 * fine.shape[1]), 255, -1)
    rim = round(0.07 * fine.shape[0])
    fine[:rim] = fine[-rim:] = 0
    return cv2.resize(fine, size, interpolation=cv2.INTER_AREA)


def fly_through(
    rng: np.random.Generator, tube: Tube, num_frames: int, speed: float
) -> np.ndarray:
    """Poses (V, 4, 4), camera -> world, of a way forward with small turns.

    The axes of the camera are right, down and forward.

    Args:
        rng: Decides the way.
        tube: Where to go.
        num_frames: Number of poses.
        speed: Radii of the tube per frame.
    """
    z = rng.uniform(0, 10) + speed * np.arange(num_frames)
    time = z[:, None] - z[0]
    rate, phase = rng.uniform(0.8, 2, 6), rng.uniform(0, 2 * np.pi, 6)
    shake = np.sin(rate * time + phase) * (0.14, 0.14, 0, 0.1, 0.1, 0.25)
    shake[:, 3:] += rng.normal(0, 0.006, (num_frames, 3))
    places = tube.centre(z) + shake[:, :3]
    ahead = _unit(tube.centre(z + 1.4) - places)
    right = _unit(np.cross([0.0, 1.0, 0.0], ahead))
    axes = np.stack([right, np.cross(ahead, right), ahead], -1)
    poses = np.tile(np.eye(4), (num_frames, 1, 1))
    poses[:, :3, :3] = axes @ np.stack(
        [cv2.Rodrigues(turn)[0] for turn in shake[:, 3:]]
    )
    poses[:, :3, 3] = places
    return poses


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
