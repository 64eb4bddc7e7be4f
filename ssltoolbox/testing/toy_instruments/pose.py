"""Pose an instrument, and move it smoothly through a take."""

from dataclasses import dataclass

import numpy as np

SIDES = {'right': 180.0, 'left': 0.0, 'bottom': -90.0, 'top': 90.0}
"""Where a shaft comes from, and the direction in which it then points, degrees."""


@dataclass(frozen=True)
class Pose:
    """Place and angles of one instrument, angles in degrees.

    Args:
        place (np.ndarray): (2,) wanted place of the joint ``shaft``, image heights.
        heading (float): Direction from shaft to tip in the image, clockwise from the
            image's right.
        dip (float): How far the tip points away from the viewer.
        bend (float): Wrist to the left, seen from the shaft to the tip.
        nod (float): Wrist towards the viewer.
        roll (float): Turn of the claspers about the wrist; at 0 they open in the image
            plane.
        lean (float): Both claspers to the left.
        opening (float): Angle between the claspers.
    """

    place: np.ndarray
    heading: float
    dip: float
    bend: float
    nod: float
    roll: float
    lean: float
    opening: float


class Wave:
    """A value that wanders smoothly between bounds.

    Args:
        rng (np.random.Generator): Decides course and pace.
        low (float): Smallest value.
        high (float): Largest value.
        period (float): Of the slower of its two oscillations, frames.
    """

    def __init__(
        self, rng: np.random.Generator, low: float, high: float, period: float
    ) -> None:
        self.reach = 0.5 * (high - low) * rng.uniform(0.3, 0.8)
        self.middle = rng.uniform(low + self.reach, high - self.reach)
        self.rates = 2 * np.pi / (period * rng.uniform(0.75, 1.3, 2) * (1, 0.43))
        self.phases = rng.uniform(0, 2 * np.pi, 2)

    def at(self, frame: float) -> float:
        """Return the value at a frame; neighbouring frames have close values."""
        slow, fast = np.sin(self.rates * frame + self.phases)
        return float(self.middle + self.reach * (0.75 * slow + 0.25 * fast))


class Trajectory:
    """The way of one instrument.

    Args:
        rng (np.random.Generator): Decides it.
        side (str): Where the shaft comes from, a key of ``SIDES``.
        aspect (float): Image width by height.
        opening (tuple): Smallest and largest angle between the claspers, degrees.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        side: str,
        aspect: float,
        opening: tuple[float, float],
    ) -> None:
        self.aspect = aspect
        middle = SIDES[side]
        self.waves = {
            'behind': Wave(rng, 0.04, 0.38, 30),
            'beside': Wave(rng, -0.3, 0.3, 36),
            'heading': Wave(rng, middle - 38, middle + 38, 44),
            'dip': Wave(rng, 4, 36, 40),
            'bend': Wave(rng, -48, 48, 30),
            'nod': Wave(rng, -25, 20, 34),
            'roll': Wave(rng, -62, 62, 36),
            'lean': Wave(rng, -24, 24, 28),
            'opening': Wave(rng, *opening, 22),
        }

    def at(self, frame: float) -> Pose:
        """Return the pose at a frame of the take."""
        now = {name: wave.at(frame) for name, wave in self.waves.items()}
        behind, beside = now.pop('behind'), now.pop('beside')
        angle = np.deg2rad(now['heading'])
        ahead = np.array([np.cos(angle), np.sin(angle)])
        left = np.array([np.sin(angle), -np.cos(angle)])
        middle = 0.5 * np.array([self.aspect, 1])
        across = abs(ahead[0]) * self.aspect + abs(ahead[1])
        return Pose(place=middle - behind * across * ahead + beside * left, **now)
