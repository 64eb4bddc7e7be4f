"""Paint things in front of the figures and record what they hide."""

import cv2
import numpy as np

from .palette import PALETTES, fractal


class Occluders:
    """Paints onto ``image`` (H, W, 3) in place; ``mask`` (H, W) bool collects it."""

    def __init__(
        self, rng: np.random.Generator, image: np.ndarray, palette: int
    ) -> None:
        self.rng, self.image, self.palette = rng, image, palette
        self.mask = np.zeros(image.shape[:2], bool)

    def scatter(self, box: np.ndarray) -> None:
        """Put a random selection around ``box`` (x_min, y_min, x_max, y_max)."""
        pick = self.rng.random(4)
        if pick[0] < 0.45:
            for _ in range(self.rng.integers(1, 4)):
                self.grass(box)
        if pick[1] < 0.22:
            self.rock(box)
        if pick[2] < 0.16:
            self.pole(box)
        if pick[3] < 0.16:
            self.leaves(box)

    def grass(self, box: np.ndarray) -> None:
        """Paint a tuft of blades over the legs."""
        rng = self.rng
        x0, y0, x1, y1 = box
        down = y1 + rng.uniform(-0.04, 0.06) * (y1 - y0)
        root = np.array([rng.uniform(x0, x1), down])
        height = rng.uniform(0.12, 0.34) * (y1 - y0)
        for _ in range(rng.integers(9, 22)):
            foot = root + rng.normal(0, (0.3 * height, 0.04 * height))
            tip = foot + height * np.array(
                [rng.normal(0, 0.35), -rng.uniform(0.5, 1.1)]
            )
            bow = 0.5 * (foot + tip) + (0.12 * height * rng.normal(), 0)
            half = rng.uniform(1.2, 2.6)
            blade = np.array(
                [
                    foot - (half, 0),
                    bow - (0.8 * half, 0),
                    tip,
                    bow + (0.8 * half, 0),
                    foot + (half, 0),
                ]
            )
            colour = np.array(PALETTES[self.palette][3]) * rng.uniform(0.65, 1.25)
            self._fill(blade, colour)

    def rock(self, box: np.ndarray) -> None:
        """Paint a boulder over the lower body."""
        rng = self.rng
        x0, y0, x1, y1 = box
        width = rng.uniform(0.14, 0.3) * (x1 - x0)
        centre = (rng.uniform(x0, x1), y1 - rng.uniform(-0.05, 0.12) * (y1 - y0))
        turns = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        spokes = rng.uniform(0.8, 1.1, 14)[:, None]
        ring = np.stack([np.cos(turns), 0.8 * np.sin(turns)], 1)
        colour = np.array((140, 134, 128)) * rng.uniform(0.55, 1.15)
        self._fill(centre + width * spokes * ring, 0.7 * colour)
        self._fill(
            centre + width * (0.86 * spokes * ring - (0.04, 0.1)), colour, grain=14
        )

    def pole(self, box: np.ndarray) -> None:
        """Paint a tree stem or fence pole across the whole image."""
        rng = self.rng
        x0, _, x1, _ = box
        height = len(self.image)
        x = rng.uniform(x0 + 0.1 * (x1 - x0), x1 - 0.1 * (x1 - x0))
        half, lean = rng.uniform(0.02, 0.05) * (x1 - x0), rng.normal(0, 0.06) * height
        colour = np.array((112, 88, 66)) * rng.uniform(0.6, 1.3)
        for share, shade in ((1.0, 0.68), (0.7, 0.9), (0.35, 1.06)):
            left, right = x - half, x - half + 2 * half * share
            self._fill(
                np.array(
                    [
                        (left + lean, -2),
                        (right + lean, -2),
                        (right, height + 2),
                        (left, height + 2),
                    ]
                ),
                shade * colour,
                grain=8,
            )

    def leaves(self, box: np.ndarray) -> None:
        """Paint a cluster of leaves hanging over the upper body."""
        rng = self.rng
        x0, y0, x1, y1 = box
        down = y0 + rng.uniform(-0.05, 0.3) * (y1 - y0)
        centre = np.array([rng.uniform(x0, x1), down])
        reach = rng.uniform(0.06, 0.13) * (x1 - x0)
        turns = np.linspace(0, 2 * np.pi, 10, endpoint=False)
        for _ in range(rng.integers(8, 18)):
            angle = rng.uniform(0, np.pi)
            ring = np.stack([np.cos(turns), 0.42 * np.sin(turns)], 1)
            spin = np.array(
                [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
            )
            leaf = centre + rng.normal(0, reach, 2) + 0.45 * reach * ring @ spin
            self._fill(leaf, np.array((84, 116, 52)) * rng.uniform(0.55, 1.3))

    def _fill(self, polygon: np.ndarray, colour: np.ndarray, grain: float = 0) -> None:
        """Blend an anti-aliased polygon; a pixel covered by half counts as hidden."""
        height, width = self.mask.shape
        low = np.clip(np.floor(polygon.min(0)) - 2, 0, (width, height)).astype(int)
        high = np.clip(np.ceil(polygon.max(0)) + 3, 0, (width, height)).astype(int)
        if (high <= low).any():
            return
        cover = np.zeros((high - low)[::-1], np.uint8)
        points = np.round((polygon - low) * 16).astype(np.int32)
        cv2.fillPoly(cover, [points], 255, cv2.LINE_AA, shift=4)
        box = (slice(low[1], high[1]), slice(low[0], high[0]))
        alpha = cover[..., None] / np.float32(255)
        paint = np.broadcast_to(np.float32(colour), (*cover.shape, 3))
        if grain:
            paint = paint + grain * fractal(self.rng, *cover.shape[::-1])[..., None]
        self.image[box] += alpha * (paint - self.image[box])
        self.mask[box] |= cover > 127
