"""Generated frames with structure from motion, so that a config can be tried."""

from typing import Any

import numpy as np

from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.prepare import PreparedSequence

POINTS = 40


def generated_pair(size: tuple[int, int], rng: np.random.Generator) -> dict[str, Any]:
    """Record of a frame and its partner, between which the camera moved sideways.

    Both see a wall of depth 1 to 2 with points on it, the true depth of which is known.

    Args:
        size: (width, height) of the frames, which are windows as a whole.
        rng: Draws the wall and the points.
    """
    width, height = size
    truth = np.tile(rng.uniform(1, 2, width).astype(np.float32), (height, 1))
    intrinsics = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1.0]])
    pixels = rng.integers((0, 0), size, (POINTS, 2))
    rays = np.linalg.solve(intrinsics, np.c_[pixels, np.ones(POINTS)].T).T
    extrinsics = np.tile(np.eye(4), (2, 1, 1))
    extrinsics[1, 0, 3] = 0.1
    seen = np.ones((POINTS, 2), bool)
    sequence = PreparedSequence(
        frames=np.arange(2),
        window=FrameWindow(0, 0, width, height, 1.0),
        mask=np.full((height, width), 255, np.uint8),
        intrinsics=intrinsics,
        extrinsics=extrinsics,
        points=rays * truth[pixels[:, 1], pixels[:, 0], None],
        seen=seen,
        near=seen,
        scale=1.0,
    )
    return dict(
        prepared=sequence,
        mask=sequence.mask,
        truth=truth,
        view=0,
        other=1,
        other_path='generated/other.png',
        name='generated',
        sequence=0,
    )
