"""What structure from motion would find: points, and in which frames they are seen."""

from typing import NamedTuple

import numpy as np

from .render import Frame, Scene

BRIGHT = 14
"""Grey value below which nothing is found in a frame."""
SAME = 1e-4
"""Share of its depth by which a point may lie behind the wall and still be seen."""
MIN_VIEWS = 3
FOUND = 0.6
"""Share of the frames that show a point in which it is found."""


class Structure(NamedTuple):
    """Points in tube radii, and how they were found.

    Attributes:
        points: (N, 3) in the world.
        seen: (N, V) bool.
        pixels: (N, V, 2), where each was found, or would be.
        outliers: (N,) bool, points that were put in a wrong place.
    """

    points: np.ndarray
    seen: np.ndarray
    pixels: np.ndarray
    outliers: np.ndarray


def find_structure(
    scene: Scene,
    poses: np.ndarray,
    frames: list[Frame],
    rng: np.random.Generator,
    num_points: int,
    noise: float,
    outliers: float,
) -> Structure:
    """Choose points of the wall, find them in frames, and triangulate them.

    Args:
        scene: What is there.
        poses: (V, 4, 4), camera -> world, in tube radii.
        frames: The V frames.
        rng: Decides it.
        num_points: How many points at most; those found in too few frames go.
        noise: Deviation of the places where a point is found, px; 0: exact points.
        outliers: Share of the points that lie at a wrong depth.
    """
    points = _on_wall(scene, poses, frames, rng, num_points)
    pixels, shown = _views(scene, poses, frames, points)
    # a point that is found in one frame is most often found in the next one, too
    first = rng.random((len(points), 1)) < FOUND
    seen = shown & ((rng.random(shown.shape) < FOUND) | first)
    kept = seen.sum(1) >= min(MIN_VIEWS, len(frames))
    points, pixels, seen = points[kept], pixels[kept], seen[kept]
    if noise > 0:
        pixels = pixels + rng.normal(0, noise, pixels.shape)
        points = triangulate(scene.lens.matrix, poses, pixels, seen)
    wrong = rng.random(len(points)) < outliers
    factor = np.where(rng.random(len(points)) < 0.5, 0.55, 1.8)
    middle = np.stack([poses[row, :3, 3].mean(0) for row in seen])
    moved = middle + factor[:, None] * (points - middle)
    return Structure(np.where(wrong[:, None], moved, points), seen, pixels, wrong)


def triangulate(
    matrix: np.ndarray, poses: np.ndarray, pixels: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """Points (N, 3) that are nearest to their pixels, by Gauss-Newton.

    Args:
        matrix: (3, 3) of the camera.
        poses: (V, 4, 4), camera -> world.
        pixels: (N, V, 2).
        seen: (N, V) bool, which of them count; two at least for each point.
    """
    projections = matrix @ np.linalg.inv(poses)[:, :3]
    points = _least_squares(projections, pixels, seen, np.ones(seen.shape))
    for _ in range(5):
        # dividing by the depth makes residuals those of pixels
        depth = points @ projections[:, 2, :3].T + projections[:, 2, 3]
        points = _least_squares(projections, pixels, seen, 1 / np.maximum(depth, 0.05))
    return points


def _least_squares(projections, pixels, seen, weights) -> np.ndarray:
    """Solve ``(p_k - x_k p_3) (X, 1) = 0`` for points (N, 3), k = 1, 2."""
    rows = projections[None, :, :2] - pixels[..., None] * projections[None, :, 2:]
    rows = np.where(seen[..., None, None], rows * weights[..., None, None], 0)
    rows = rows.reshape(len(pixels), -1, 4)
    left, right = rows[..., :3], -rows[..., 3:]
    return np.linalg.solve(left.mT @ left, left.mT @ right)[..., 0]


def _on_wall(scene: Scene, poses, frames: list[Frame], rng, count: int) -> np.ndarray:
    """Points (about count, 3) of the wall that some frame shows in good light."""
    lens, found = scene.lens, []
    shares = np.bincount(rng.integers(len(frames), size=count), minlength=len(frames))
    for pose, frame, share in zip(poses, frames, shares, strict=True):
        bright = (frame.image.max(2) >= BRIGHT) & (lens.mask == 255)
        rows, columns = np.nonzero(bright)
        chosen = rng.integers(len(rows), size=share)
        pixels = np.stack([columns, rows], 1)[chosen] + rng.uniform(
            -0.5, 0.5, (share, 2)
        )
        rays = lens.rays(pixels) @ pose[:3, :3].T
        found.append(pose[:3, 3] + scene.tube.cast(pose[:3, 3], rays)[:, None] * rays)
    return np.concatenate(found)


def _views(scene: Scene, poses, frames: list[Frame], points: np.ndarray) -> tuple:
    """Pixels (N, V, 2) of points, and (N, V) bool, which frames show them."""
    lens = scene.lens
    pixels = np.empty((len(points), len(poses), 2))
    shown = np.zeros((len(points), len(poses)), bool)
    for view, (pose, frame) in enumerate(zip(poses, frames, strict=True)):
        here = (points - pose[:3, 3]) @ pose[:3, :3]
        ahead = here[:, 2] > 0
        there = here @ lens.matrix.T
        pixels[:, view] = there[:, :2] / np.where(ahead, there[:, 2], np.nan)[:, None]
        at = np.rint(np.nan_to_num(pixels[:, view], nan=-1)).astype(int)
        inside = ((at >= 0) & (at < lens.size)).all(1)
        columns, rows = np.where(inside[:, None], at, 0).T
        inside &= lens.mask[rows, columns] == 255
        inside &= frame.image[rows, columns].max(1) >= BRIGHT
        rays = here[inside] / here[inside, 2:] @ pose[:3, :3].T
        wall = scene.tube.cast(pose[:3, 3], rays)
        shown[inside, view] = here[inside, 2] < wall * (1 + SAME)
    return pixels, shown
