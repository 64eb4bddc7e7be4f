"""Read the files of a sequence with structure from motion, field by field.

The layout is that of Liu et al., TMI 2020: text files that name frames by their number,
camera poses as written by ROS, and points as PLY.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

Number = TypeVar('Number', int, float)


def read_numbers(path: Path, kind: Callable[[str], Number]) -> list[Number]:
    """Read one number per line.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line is no number, or no finite one; names the line.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} does not exist: it belongs to every sequence. Check the folder, '
            'or convert a model of COLMAP by tools/dataset_converters/colmap2sfm.py'
        )
    numbers = []
    for line, text in enumerate(path.read_text(errors='replace').splitlines(), 1):
        if not text.strip():
            continue
        try:
            number: Any = kind(text)
        except ValueError:
            number = float('nan')
        if not np.isfinite(number):
            name = 'a whole number' if kind is int else 'a finite number'
            raise ValueError(f'{path}, line {line}: expected {name}, got {text!r}')
        numbers.append(number)
    return numbers


def read_frames(path: Path) -> list[int]:
    """Numbers of the frames that were registered, in the order of their poses.

    Raises:
        ValueError: There are none, or one twice.
    """
    frames = read_numbers(path, int)
    if not frames or len(set(frames)) < len(frames):
        twice = sorted({f for f in frames if frames.count(f) > 1})
        raise ValueError(
            f'{path} must list each registered frame once, got {len(frames)} frames'
            + (f', {twice[0]} more than once' if twice else '')
        )
    return frames


def read_intrinsics(
    path: Path, per_view: int | None = None, views: int | None = None
) -> np.ndarray:
    """Camera matrix (3, 3) float64 of the first view, in pixels of the full image.

    Args:
        path: One number per line: fx, fy, cx, cy of each view, or in older sequences f,
            cx, cy.
        per_view: 4 or 3 numbers per view; None tells them apart by their count.
        views: Number of views of the sequence. Files may hold one view for all.

    Raises:
        ValueError: The count fits neither or both, or a focal length is not positive.
    """
    numbers = read_numbers(path, float)
    fits = [n for n in (4, 3) if numbers and len(numbers) % n == 0]
    if views and len(numbers) in (4 * views, 3 * views):
        fits = [len(numbers) // views]
    if per_view is None and len(fits) == 2:
        raise ValueError(
            f'{path} has {len(numbers)} numbers, which may be fx, fy, cx, cy of each '
            'view or f, cx, cy: say intrinsics_per_view=4 or 3'
        )
    if not fits or (per_view is not None and per_view not in fits):
        raise ValueError(
            f'{path} has {len(numbers)} numbers, expected '
            f'{per_view or "4 (fx, fy, cx, cy) or 3 (f, cx, cy)"} for each view'
        )
    count = per_view or fits[0]
    fx, (fy, cx, cy) = numbers[0], numbers[count - 3 : count]
    if min(fx, fy) <= 0:
        raise ValueError(f'{path}: focal lengths must be positive, got {fx} and {fy}')
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def read_poses(path: Path) -> np.ndarray:
    """Poses (V, 4, 4) float64 of the cameras in the world: camera -> world.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A pose lacks a field, is not finite, or has no direction; names it.
    """
    if not path.is_file():
        raise FileNotFoundError(f'{path} does not exist: it has the pose of each view')
    try:
        content = yaml.safe_load(path.read_bytes())
        poses = content['poses[]']
        count = len(poses)
    except (yaml.YAMLError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} must map 'poses[]' to the poses of the views, does not: {error}"
        ) from None
    found = np.empty((count, 4, 4))
    for i in range(count):
        try:
            found[i] = _pose_matrix(poses[f'poses[{i}]'])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f'{path}: poses[{i}] of {count} needs position x, y, z and '
                'orientation x, y, z, w, which are finite numbers '
                f'({type(error).__name__}: {error})'
            ) from None
    return found


def quaternion_matrix(quaternion: Sequence[float] | np.ndarray) -> np.ndarray:
    """Rotation (3, 3) of a quaternion w, x, y, z of any length; of 0 the identity."""
    q = np.asarray(quaternion, float)
    square = q @ q
    if square < 4 * np.finfo(float).eps:
        return np.eye(3)
    w, x, y, z = q * np.sqrt(2 / square)
    return np.array([
        [1 - y * y - z * z, x * y - z * w, x * z + y * w],
        [x * y + z * w, 1 - x * x - z * z, y * z - x * w],
        [x * z - y * w, y * z + x * w, 1 - x * x - y * y],
    ])  # fmt: skip


def read_points(path: Path) -> np.ndarray:
    """Points (N, 3) float64 of a PLY file; other elements than vertices are ignored.

    Raises:
        FileNotFoundError: There is no such file.
        ImportError: trimesh is not installed.
        ValueError: It is no PLY file with points, or one of them is not finite.
    """
    if not path.is_file():
        raise FileNotFoundError(f'{path} does not exist: it has the points')
    try:
        import trimesh
    except ImportError:
        raise ImportError(
            'PLY files are read by trimesh: pip install "ssltoolbox[depth]", or trimesh'
        ) from None
    try:
        points = trimesh.load(path, process=False).vertices
        points = np.array(points, np.float64).reshape(-1, 3)
    except Exception as error:  # trimesh raises whatever its parsers do
        raise ValueError(f'{path} is no PLY file with points: {error}') from None
    wrong = np.flatnonzero(~np.isfinite(points).all(1))
    if not len(points) or len(wrong):
        raise ValueError(
            f'{path} needs points with finite coordinates, has {len(points)} points'
            + (f', point {wrong[0]} is {points[wrong[0]]}' if len(wrong) else '')
        )
    return points


def read_tracks(path: Path, frames: Sequence[int]) -> np.ndarray:
    """In which views each point was seen, (N, V) bool.

    Args:
        path: A line -1 begins a point; the frames in which it was seen follow.
        frames: Frame of each view.

    Raises:
        ValueError: A frame is not registered, or comes before the first point.
    """
    numbers = read_numbers(path, int)
    position = {frame: view for view, frame in enumerate(frames)}
    seen = np.zeros((numbers.count(-1), len(frames)), bool)
    point = -1
    for line, number in enumerate(numbers, 1):
        if number == -1:
            point += 1
        elif point < 0:
            raise ValueError(f'{path}: expected -1 in line 1, which begins a point')
        elif number not in position:
            raise ValueError(
                f'{path}, number {line}: point {point} was seen in frame {number}, '
                f'which is none of the {len(frames)} registered ones: the files are of '
                'different runs of structure from motion'
            )
        else:
            seen[point, position[number]] = True
    return seen


def _pose_matrix(pose: dict[str, Any]) -> np.ndarray:
    place, turn = pose['position'], pose['orientation']
    matrix = np.eye(4)
    matrix[:3, :3] = quaternion_matrix([float(turn[key]) for key in 'wxyz'])
    matrix[:3, 3] = [float(place[key]) for key in 'xyz']
    if not np.isfinite(matrix).all():
        raise ValueError('not finite')
    return matrix
