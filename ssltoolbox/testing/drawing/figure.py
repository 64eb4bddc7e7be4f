"""A figure made of capsules, with the keypoints that belong to it.

Axes of a figure: x forward, y up, z to its right; lengths in trunk lengths.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

NUM_KEYPOINTS = 17


class Capsule(NamedTuple):
    """A sphere that moves from ``start`` to ``end`` while its radius changes.

    ``along`` is the distance at which a surface pattern starts.
    """

    start: np.ndarray
    end: np.ndarray
    start_radius: float
    end_radius: float
    material: str
    along: float = 0.0


@dataclass
class Figure:
    """One posed animal or person.

    ``materials`` are the names its capsules use. ``ground`` are the keypoints that
    stand on the ground. Capsules of the materials ``props`` (a bench) are drawn with
    the figure and may hide it, but are no part of it. ``keypoints`` is (17, 3);
    ``cover`` (17,) is how much of the own body may lie between a visible keypoint and
    the viewer, in trunk lengths.
    """

    materials: tuple[str, ...]
    ground: tuple[int, ...]
    props: tuple[str, ...] = ()
    capsules: list[Capsule] = field(default_factory=list)
    keypoints: np.ndarray = field(default_factory=lambda: np.zeros((NUM_KEYPOINTS, 3)))
    cover: np.ndarray = field(default_factory=lambda: np.zeros(NUM_KEYPOINTS))

    def mark(self, index: int, point: np.ndarray, cover: float) -> None:
        """Put keypoint ``index`` at ``point``."""
        self.keypoints[index] = point
        self.cover[index] = cover

    def rod(self, start, end, radius: float, material: str, along: float = 0.0) -> None:
        """Add a capsule of constant radius."""
        self.capsules.append(Capsule(start, end, radius, radius, material, along))
