"""Draw the frames of a video: takes of equal length, with a cut between them."""

from collections.abc import Iterator

import numpy as np

from .scenario import Scenario
from .take import Frame, Take

TAKE = 8
"""Frames of a take."""


def video(
    scenario: Scenario,
    size: tuple[int, int],
    num_frames: int,
    seed: tuple[int, ...],
    leave: bool = False,
) -> Iterator[Frame]:
    """Draw a video frame by frame; a longer one starts with the shorter one.

    Args:
        scenario (Scenario): What it shows.
        size (tuple): Width and height of the image in pixels.
        num_frames (int): How many frames.
        seed (tuple): Whole numbers from 0 on; equal seeds give equal frames.
        leave (bool): Leave the last frame of every take without an instrument.
    """
    for index in range(num_frames):
        number, place = divmod(index, TAKE)
        if not place:
            take = Take(np.random.default_rng([*seed, number]), scenario, size)
        # From 1 on, since a generator does not tell [.., 0] from [..].
        rng = np.random.default_rng([*seed, number, place + 1])
        yield take.draw(place, rng, empty=leave and place == TAKE - 1)
