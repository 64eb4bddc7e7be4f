"""Read and write where clouds of points lie on a surface, about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ssltoolbox.datasets.depth.sfm_files import quaternion_matrix
from ssltoolbox.datasets.depth.sfm_writer import rotation_quaternion
from ssltoolbox.geometry.point_cloud import depth_range_scale
from ssltoolbox.geometry.similarity import Similarity
from ssltoolbox.utils.atomic import write_text

TURNED = (1, -1, -1)
"""Signs of the camera's axes in files, where y points upwards and z backwards."""
FORMS = (
    'expected either 4 rows of 4 numbers, a transform of all clouds to the surface, or '
    'lines "frame, tx, ty, tz, qw, qx, qy, qz"'
)


@dataclass(frozen=True)
class InitialPoses:
    """Initial transforms of clouds to a surface.

    Attributes:
        common: That of all clouds; None if each frame has a pose.
        poses: Rotation (3, 3) and translation (3,) of each frame.
        depth_range: To which the depth of a cloud with a pose is scaled first, from its
            nearest to its farthest point, in the unit of the surface; None keeps the
            size that clouds have.
        file: For messages.
    """

    common: Similarity | None
    poses: dict[int, tuple[np.ndarray, np.ndarray]]
    depth_range: float | None
    file: str

    def of(self, name: str, points: np.ndarray) -> Similarity:
        """Initial transform of a cloud.

        Args:
            name: Of its file; a number at its end is that of its frame.
            points: (N, 3), in coordinates of the camera.

        Raises:
            ValueError: The file has no pose of this frame, or the cloud has no extent.
        """
        if self.common is not None:
            return self.common
        number = re.search(r'(\d+)$', Path(name).stem)
        if number is None or int(number[1]) not in self.poses:
            known = ', '.join(map(str, sorted(self.poses)[:5]))
            raise ValueError(
                f'{self.file} has no pose of {name}: the number at the end of its name '
                f'must be one of its frames ({known} ...)'
            )
        rotation, translation = self.poses[int(number[1])]
        scale = 1.0
        if self.depth_range is not None:
            scale = depth_range_scale(points[:, 2], self.depth_range)
        return Similarity(scale, rotation, translation)


def read_initial_poses(
    path: str | Path, depth_range: float | None = 20.0
) -> InitialPoses:
    """Read a matrix, or a pose for each frame.

    Lines are those of the three-stage program: the camera's place on the surface, and
    its direction as a quaternion, with y upwards and z backwards.

    Args:
        path: Text file.
        depth_range: See :class:`InitialPoses`; the program's is 20 mm.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is neither; names the line.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path} does not exist, check its path')
    if depth_range is not None and not depth_range > 0:
        raise ValueError(f'the range of depth must be positive, got {depth_range}')
    rows = []
    for line, text in enumerate(path.read_text(errors='replace').splitlines(), 1):
        if not text.strip():
            continue
        try:
            rows.append([float(word) for word in text.replace(',', ' ').split()])
        except ValueError:
            raise ValueError(f'{path}, line {line}: {text!r}; {FORMS}') from None
        if len(rows[-1]) != len(rows[0]) or not np.isfinite(rows[-1]).all():
            raise ValueError(f'{path}, line {line}: {text!r}; {FORMS}')
    table = np.array(rows, float)
    if table.shape == (4, 4):
        try:
            common = Similarity.from_matrix(table)
        except ValueError as error:
            raise ValueError(f'{path}: {error}') from None
        return InitialPoses(common, {}, depth_range, str(path))
    if table.ndim != 2 or table.shape[1] != 8:
        raise ValueError(f'{path} has numbers of shape {table.shape}; {FORMS}')
    poses = {int(row[0]): (_rotation(row[4:]), row[1:4]) for row in table}
    return InitialPoses(None, poses, depth_range, str(path))


def write_initial_poses(path: str | Path, poses: Mapping[int, np.ndarray]) -> None:
    """Write a pose for each frame, as :func:`read_initial_poses` takes them.

    Args:
        path: Text file.
        poses: (4, 4) of each number of a frame, camera -> surface; the axes of the
            camera are right, down and forward.
    """
    lines = []
    for number, pose in poses.items():
        turn = rotation_quaternion(pose[:3, :3] * TURNED)
        numbers = [*pose[:3, 3].tolist(), *turn.tolist()]
        lines.append(', '.join([str(number), *map(repr, numbers)]) + '\n')
    write_text(path, ''.join(lines))


def _rotation(quaternion: np.ndarray) -> np.ndarray:
    return quaternion_matrix(quaternion) * TURNED
