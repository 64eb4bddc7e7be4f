"""The shape of a bent tube with folds, and where rays from inside meet its wall.

The tube runs along z; lengths are in radii of the tube. It is no mesh: the wall is
where a smooth function of space is 0, so that depth is as exact as the numbers are.
"""

from dataclasses import dataclass
from math import cos, sin

import numpy as np

FAR = 16.0
"""No ray is that long before it meets the wall, for the tube bends."""

STEP = 0.4
"""Share of the distance across the tube by which a ray may advance."""
SHORTEST = 0.02
REFINEMENTS = 8


@dataclass(frozen=True)
class Tube:
    """A tube by random numbers.

    Attributes:
        bend: (2, 3) amplitude, frequency and phase of its centre in x and in y.
        swell: (3,) the same of its width.
        lobes: (2,) amplitude and angle of a section with three lobes, as colons have.
        folds: (5,) depth, frequency, phase, sharpness and slant of its folds.
        turn: (2,) how the place of the folds goes around with z, and its phase.
    """

    bend: np.ndarray
    swell: np.ndarray
    lobes: np.ndarray
    folds: np.ndarray
    turn: np.ndarray

    @classmethod
    def sample(cls, rng: np.random.Generator) -> 'Tube':
        """Draw one."""
        angle = rng.uniform(0, 2 * np.pi, 6)
        return cls(
            bend=np.array([
                [rng.uniform(1.4, 1.8), rng.uniform(0.34, 0.44), angle[0]],
                [rng.uniform(0.9, 1.3), rng.uniform(0.38, 0.5), angle[1]],
            ]),
            swell=np.array([rng.uniform(0.06, 0.14), rng.uniform(0.6, 0.9), angle[2]]),
            lobes=np.array([rng.uniform(0.05, 0.11), angle[3]]),
            folds=np.array([
                rng.uniform(0.2, 0.34),
                2 * np.pi / rng.uniform(0.95, 1.35),
                angle[4],
                rng.uniform(3.5, 6),
                rng.uniform(0.3, 0.8),
            ]),
            turn=np.array([rng.uniform(0.9, 1.6), angle[5]]),
        )  # fmt: skip

    def centre(self, z: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the centre line at z (N,)."""
        z = np.asarray(z, float)
        return np.stack([*(_wave(self.bend[i], z) for i in range(2)), z], -1)

    def room(self, points: np.ndarray) -> np.ndarray:
        """Distance (N,) to the wall within the section: positive inside, 0 on it.

        Args:
            points: (N, 3); the result has their type.
        """
        x, y, z = points.T
        x, y = (v - _wave(self.bend[i], z) for i, v in enumerate((x, y)))
        out = np.sqrt(x * x + y * y)
        divisor = np.maximum(out, 1e-6)
        c, s = x / divisor, y / divisor
        amount, angle = _numbers(self.lobes)
        three = (4 * c * c - 3) * c * cos(angle) + (3 - 4 * s * s) * s * sin(angle)
        depth, rate, phase, sharpness, slant = _numbers(self.folds)
        place = rate * z + phase + slant * (c - s)
        crest = np.exp(sharpness * (np.cos(place) - 1))
        turn, start = _numbers(self.turn)
        around = turn * z + start
        side = 0.62 + 0.38 * (c * np.cos(around) + s * np.sin(around))
        width = 1 + _wave(self.swell, z) + amount * three - depth * side * crest
        return width - out

    def normal(self, points: np.ndarray) -> np.ndarray:
        """Unit vectors (N, 3) into the tube at points of its wall."""
        points, step = points.astype(np.float32), np.float32(1e-2)
        here = self.room(points)
        slopes = [
            self.room(points + step * axis) - here for axis in np.eye(3, dtype='f4')
        ]
        normal = np.stack(slopes, -1)
        return normal / np.linalg.norm(normal, axis=1, keepdims=True)

    def cast(self, origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """How far along rays the wall is, exact to about 1e-8.

        Args:
            origin: (3,) inside of the tube.
            rays: (N, 3), of any length.

        Returns:
            (N,) float64, in lengths of the rays.

        Raises:
            ValueError: The origin is not inside, or a ray does not meet the wall.
        """
        if not self.room(origin[None])[0] > 0:
            raise ValueError(f'{origin} is not inside of the tube')
        low, high = self._bracket(origin, rays)
        return self._refine(origin, rays, low, high)

    def _bracket(self, origin: np.ndarray, rays: np.ndarray) -> tuple:
        """March in single precision until the wall lies between two places."""
        length = np.linalg.norm(rays, axis=1).astype(np.float32)
        directions = rays.astype(np.float32)
        start = origin.astype(np.float32)
        low, high = np.zeros((2, len(rays)), np.float32)
        active, reached = np.arange(len(rays)), np.zeros(len(rays), np.float32)
        room = self.room(start[None]).repeat(len(rays))
        while len(active):
            step = np.maximum(STEP * room, np.float32(SHORTEST)) / length[active]
            beyond = reached + step
            if (beyond * length[active]).max() > FAR:
                raise ValueError(
                    'a ray does not meet the wall: the tube is too straight'
                )
            room = self.room(start + beyond[:, None] * directions[active])
            hit = room <= 0
            low[active[hit]], high[active[hit]] = reached[hit], beyond[hit]
            active, reached, room = active[~hit], beyond[~hit], room[~hit]
        return low.astype(float), high.astype(float)

    def _refine(self, origin, rays, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Find the root between two places by the Illinois method."""
        left = self.room(origin + low[:, None] * rays)
        right = self.room(origin + high[:, None] * rays)
        before = np.zeros(len(rays), bool), np.zeros(len(rays), bool)
        for _ in range(REFINEMENTS):
            gap = np.where(left == right, 1.0, left - right)
            middle = np.clip(low + (high - low) * left / gap, low, high)
            room = self.room(origin + middle[:, None] * rays)
            inside = room > 0
            # an end that stays twice counts half, so that both ends close in
            left = np.where(inside, room, np.where(before[1], left / 2, left))
            right = np.where(inside, np.where(before[0], right / 2, right), room)
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
            before = inside, ~inside
        return middle


def _numbers(values: np.ndarray) -> list[float]:
    """Plain numbers, which do not change the type of arrays."""
    return values.tolist()


def _wave(wave: np.ndarray, z: np.ndarray) -> np.ndarray:
    amount, rate, phase = _numbers(wave)
    return amount * np.sin(rate * z + phase)
