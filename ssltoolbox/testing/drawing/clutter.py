"""Paint things behind the figures that share their colours and local shapes."""

import cv2
import numpy as np

from .palette import PALETTES, Colours


class Clutter:
    """Paints distractors onto ``image`` (H, W, 3) in place.

    About half of them have one of ``colours``, those of the figures.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        image: np.ndarray,
        palette: int,
        colours: Colours,
    ) -> None:
        self.rng, self.image, self.palette = rng, image, palette
        self.colours = colours
        self.unit = image.shape[1]
        self.kinds = (
            self.stone,
            self.branch,
            self.branch,
            self.trunk,
            self.bush,
            self.flowers,
            self.pebbles,
        )

    def add(self, y: float) -> None:
        """Paint one random thing that stands at height ``y`` of the image."""
        kind = self.kinds[self.rng.integers(len(self.kinds))]
        kind(np.array([self.rng.uniform(0, self.unit), y]))

    def stone(self, foot: np.ndarray) -> None:
        """Paint a lump with a lit upper side, much like a body or a head."""
        rng = self.rng
        axes = rng.uniform((0.03, 0.02), (0.13, 0.08)) * self.unit
        turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        spokes = rng.uniform(0.88, 1.08, (16, 1)) * axes
        ring = spokes * np.stack([np.cos(turns), np.sin(turns)], 1)
        colour = self._colour()
        for size, lift, shade in ((1, 0, 0.68), (0.85, 0.1, 0.88), (0.58, 0.25, 1.05)):
            self._fill(
                foot + size * ring - (0.5 * lift * axes[0], lift * axes[1]),
                shade * colour,
            )

    def branch(self, foot: np.ndarray) -> None:
        """Paint a bent stick in two pieces with a dark end, much like a leg."""
        rng = self.rng
        colour = self._colour()
        length = rng.uniform(0.08, 0.22) * self.unit
        angle, width = rng.uniform(0, 2 * np.pi), rng.uniform(4, 12)
        for shade in (1.0, 0.9, 0.45):
            end = foot + length * np.array([np.cos(angle), np.sin(angle)])
            self._line(foot, end, 0.72 * shade * colour, width)
            self._line(
                foot - 0.15 * width, end - 0.15 * width, shade * colour, 0.55 * width
            )
            foot, width = end, max(0.8 * width, 2)
            length = 0.7 * length if shade == 1 else 0.25 * length
            angle += rng.normal(0, 0.6)

    def trunk(self, foot: np.ndarray) -> None:
        """Paint a standing stem, sometimes banded like a striped leg."""
        rng = self.rng
        colour = self._colour()
        top = foot - self.unit * rng.normal((0, 0.37), (0.03, 0.13))
        width = rng.uniform(5, 15)
        self._line(foot, top, 0.66 * colour, width)
        self._line(
            foot - (0.15 * width, 0), top - (0.15 * width, 0), colour, 0.55 * width
        )
        if rng.random() < 0.5:
            for share in rng.uniform(0, 1, rng.integers(3, 9)):
                spot = foot + share * (top - foot)
                half = np.array([rng.uniform(0.2, 0.5) * width, 0])
                self._line(spot - half, spot + half, 0.25 * colour, 2)

    def bush(self, foot: np.ndarray) -> None:
        """Paint a bush: leaves from dark below to light above."""
        rng = self.rng
        reach = rng.uniform(0.04, 0.11) * self.unit
        colour = np.array(PALETTES[self.palette][3])
        for level in np.sort(rng.uniform(0, 1, 26)):
            spot = foot + reach * np.array([rng.normal(0, 0.6), -1.4 * level])
            self._dot(
                spot, rng.uniform(0.12, 0.3) * reach, (0.5 + 0.65 * level) * colour
            )

    def flowers(self, foot: np.ndarray) -> None:
        """Paint pale dots with a dark middle, much like eyes."""
        rng = self.rng
        for _ in range(rng.integers(1, 4)):
            spot = foot + rng.normal(0, 0.03 * self.unit, 2)
            radius = rng.uniform(2.5, 5.5)
            self._dot(spot, radius, np.array((244, 238, 214)) * rng.uniform(0.8, 1))
            self._dot(spot, 0.5 * radius, np.array((34, 26, 24)))

    def pebbles(self, foot: np.ndarray) -> None:
        """Strew small dark dots, much like spots, noses and paws."""
        colour = self._colour()
        for _ in range(self.rng.integers(3, 10)):
            spot = foot + self.rng.normal(0, 0.05 * self.unit, 2)
            self._dot(spot, self.rng.uniform(1.5, 5), 0.6 * colour)

    def _colour(self) -> np.ndarray:
        pool = self.colours if self.rng.random() < 0.55 else PALETTES[self.palette][1:]
        colour = np.array(pool[self.rng.integers(len(pool))])
        return colour * self.rng.uniform(0.75, 1.1) + self.rng.normal(0, 5, 3)

    def _fill(self, polygon: np.ndarray, colour: np.ndarray) -> None:
        points = np.round(polygon * 16).astype(np.int32)
        cv2.fillPoly(self.image, [points], _paint(colour), cv2.LINE_AA, shift=4)

    def _line(
        self, start: np.ndarray, end: np.ndarray, colour: np.ndarray, width: float
    ) -> None:
        ends = [tuple(int(round(16 * v)) for v in p) for p in (start, end)]
        thick = max(round(width), 1)
        cv2.line(self.image, *ends, _paint(colour), thick, cv2.LINE_AA, 4)

    def _dot(self, centre: np.ndarray, radius: float, colour: np.ndarray) -> None:
        spot = tuple(int(round(16 * v)) for v in centre)
        cv2.circle(
            self.image,
            spot,
            max(round(16 * radius), 16),
            _paint(colour),
            -1,
            cv2.LINE_AA,
            4,
        )


def _paint(colour: np.ndarray) -> tuple[float, ...]:
    return tuple(float(c) for c in np.clip(colour, 0, 255))
