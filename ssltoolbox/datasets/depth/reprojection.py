"""Tell by numbers whether poses, intrinsics and points of a sequence fit together."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .brightness import project, visible
from .sfm_sequence import SfmSequence
from .sfm_writer import OBSERVATIONS


def project_all(
    points: np.ndarray, poses: np.ndarray, intrinsics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (N, V, 2) and depths (N, V) of points in all views.

    Args:
        points: (N, 3) in the world.
        poses: (V, 4, 4), camera -> world.
        intrinsics: (3, 3).
    """
    views = [project(points, pose, intrinsics) for pose in np.linalg.inv(poses)]
    pixels, depths = (np.stack(each, 1) for each in zip(*views, strict=True))
    return pixels, depths


def reprojection_errors(
    points: np.ndarray, poses: np.ndarray, intrinsics: np.ndarray, found: np.ndarray
) -> np.ndarray:
    """Distance (N, V) in px from where points were found, (N, V, 2), to where they lie.

    It is infinite for points behind a camera, and not a number where ``found`` is.
    """
    pixels, depths = project_all(points, poses, intrinsics)
    errors = np.linalg.norm(pixels - found, axis=2)
    return np.where((depths > 0) | np.isnan(errors), errors, np.inf)


def read_observations(
    folder: Path, frames: Sequence[int], num_points: int
) -> np.ndarray | None:
    """Where points were found, (N, V, 2), not finite elsewhere; None without the file.

    Raises:
        ValueError: A line is wrong; names it.
    """
    path = folder / OBSERVATIONS
    if not path.is_file():
        return None
    position = {frame: view for view, frame in enumerate(frames)}
    found = np.full((num_points, len(frames), 2), np.nan)
    with open(path, newline='') as stream:
        for line, row in enumerate(csv.DictReader(stream), 2):
            try:
                point, view = int(row['point']), position[int(row['frame'])]
                found[point, view] = float(row['x']), float(row['y'])
            except (KeyError, TypeError, ValueError, IndexError):
                raise ValueError(
                    f'{path}, line {line}: expected frame,point,x,y with one of '
                    f'{len(frames)} registered frames and a point below {num_points}, '
                    f'got {",".join(map(str, row.values()))}'
                ) from None
    return found


def reprojection_statistics(
    sequence: SfmSequence, kept: np.ndarray, found: np.ndarray | None
) -> dict[str, Any]:
    """How well the parts of a sequence fit.

    Args:
        sequence: As it is on disk.
        kept: (N,) bool, points whose brightness fits.
        found: (N, V, 2) where points were found, if that is known.

    Returns:
        Numbers of views and points; of the times that a point was found in a view, the
        shares that lie ``in_front`` of the camera and ``in_mask``; the range of depth;
        and ``error_px``, mean, median and 95th percentile of the points in front,
        where observations are known.
    """
    pixels, depths = project_all(sequence.points, sequence.poses, sequence.intrinsics)
    seen, views = sequence.seen, range(len(sequence.frames))
    shown = [visible(pixels[:, v], depths[:, v], sequence.mask) for v in views]
    statistics: dict[str, Any] = dict(
        views=len(sequence.frames),
        points=len(sequence.points),
        kept=int(kept.sum()),
        found_per_view=float(seen.sum(0).mean()),
        views_per_point=float(seen.sum(1).mean()),
        in_front=_share((depths > 0)[seen]),
        in_mask=_share(np.stack(shown, 1)[seen]),
        depth=np.percentile(depths[seen], (5, 50, 95)).tolist() if seen.any() else [],
    )
    if found is not None:
        errors = reprojection_errors(
            sequence.points, sequence.poses, sequence.intrinsics, found
        )
        errors = errors[np.isfinite(errors)]
        if len(errors):
            statistics['error_px'] = dict(
                mean=float(errors.mean()),
                median=float(np.median(errors)),
                p95=float(np.percentile(errors, 95)),
            )
    return statistics


def _share(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0
