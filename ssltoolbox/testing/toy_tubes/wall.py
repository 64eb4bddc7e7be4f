"""The colours of the wall: mottled mucosa with vessels, seamless around the tube."""

import cv2
import numpy as np

from ssltoolbox.testing.toy_instruments.tissue import line

from .tube import Tube

AROUND, ALONG = 384, 1440
"""Pixels of the texture."""
SPAN = 24.0
"""Length of the texture in radii of the tube; it repeats after that."""

# RGB: ground, second ground, vessels.
MUCOSAE = (
    ((226, 142, 122), (200, 104, 92), (140, 40, 48)),
    ((232, 160, 132), (206, 118, 96), (152, 52, 48)),
    ((216, 126, 118), (186, 88, 88), (128, 32, 46)),
    ((236, 176, 140), (214, 132, 104), (158, 64, 54)),
)


class Wall:
    """A texture on a tube.

    Args:
        rng: Decides it.
        tube: What it lies on.
    """

    def __init__(self, rng: np.random.Generator, tube: Tube) -> None:
        self.tube = tube
        ground, second, vein = np.array(MUCOSAE[rng.integers(len(MUCOSAE))], np.float32)
        blend = np.clip(0.5 + 0.5 * _noise(rng, 5), 0, 1)[..., None]
        image = ground + blend * (second - ground)
        image *= (1 + 0.09 * _noise(rng, 7))[..., None]
        image += _vessels(rng)[..., None] * (vein - image)
        self.image = np.clip(image, 0, 255) / 255

    def colours(self, points: np.ndarray) -> np.ndarray:
        """RGB (N, 3) in 0..1 of points (N, 3) of the wall."""
        x, y, _ = (points - self.tube.centre(points[:, 2])).T
        u = np.arctan2(y, x) / (2 * np.pi) * AROUND % AROUND
        v = points[:, 2] / SPAN * ALONG % ALONG
        # OpenCV's maps have less than 32768 rows
        columns, rows = (each.astype(np.float32)[:, None] for each in (u, v))
        chunks = (np.array_split(each, len(u) // 16384 + 1) for each in (columns, rows))
        parts = [
            cv2.remap(self.image, *pair, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            for pair in zip(*chunks, strict=True)
        ]
        return np.concatenate(parts)[:, 0]


def _noise(rng: np.random.Generator, octaves: int) -> np.ndarray:
    """Smooth noise (ALONG, AROUND) of unit deviation that closes in both directions."""
    total = np.zeros((ALONG, AROUND), np.float32)
    for i in range(octaves):
        cells = np.array([4, 1]) * 2 ** (i + 1)
        grid = rng.normal(0, 0.8**i, cells).astype(np.float32)
        rows, columns = (np.array([ALONG, AROUND]) / cells).tolist()
        size = round((cells[1] + 4) * columns), round((cells[0] + 4) * rows)
        wrapped = np.pad(grid, 2, mode='wrap')
        large = cv2.resize(wrapped, size, interpolation=cv2.INTER_CUBIC)
        top, left = round(2 * rows), round(2 * columns)
        total += large[top : top + ALONG, left : left + AROUND]
    return total / total.std()


def _vessels(rng: np.random.Generator) -> np.ndarray:
    """Where vessels run, (ALONG, AROUND) in 0..1."""
    layer = np.zeros((2 * ALONG, 3 * AROUND), np.float32)
    for _ in range(rng.integers(44, 64)):
        start = rng.uniform((AROUND, 0), (2 * AROUND, 1.4 * ALONG))
        _branch(rng, layer, start, rng.uniform(0, 2 * np.pi), rng.uniform(1, 3.4), 3)
    layer = cv2.GaussianBlur(layer, (0, 0), 0.8)
    # what was painted beyond an edge comes back at the other one
    around = np.maximum.reduce(np.split(layer, 3, axis=1))
    return np.maximum.reduce(np.split(around, 2))


def _branch(rng, layer, point, angle, width: float, forks: int) -> None:
    for _ in range(rng.integers(8, 20)):
        angle += rng.normal(0, 0.25)
        end = point + 13 * np.array([np.cos(angle), np.sin(angle)])
        line(layer, [point, end], 0.3 + 0.14 * width, width)
        point = end
        if forks and rng.random() < 0.14:
            side = angle + rng.choice((-1, 1)) * rng.uniform(0.4, 0.9)
            _branch(rng, layer, point, side, 0.65 * width, forks - 1)
