"""Write the files of a sequence with structure from motion, as they are read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.image_file import write_image

OBSERVATIONS = 'observations.csv'
"""Where each point was found in each frame; nothing but pictures needs it."""


def write_sfm_files(
    folder: Path,
    frames: Sequence[int],
    intrinsics: np.ndarray,
    poses: np.ndarray,
    points: np.ndarray,
    seen: np.ndarray,
    mask: np.ndarray,
) -> None:
    """Write all files but the images, which are ``NNNNNNNN.jpg``.

    Args:
        folder: Where to; made if need be.
        frames: Number of each of V registered frames.
        intrinsics: (3, 3), in pixels of the image, of all views.
        poses: (V, 4, 4), camera -> world.
        points: (N, 3) in the world.
        seen: (N, V) bool, in which views each point was found.
        mask: (H, W) uint8, 255 where the camera shows the scene.
    """
    camera = intrinsics[[0, 1, 0, 1], [0, 1, 2, 2]].tolist()
    numbers = np.asarray(frames)
    tracks = [line for row in seen for line in (-1, *numbers[row].tolist())]
    write_text(folder / 'camera_intrinsics_per_view', _lines(camera))
    write_text(folder / 'selected_indexes', _lines(frames))
    write_text(folder / 'visible_view_indexes', _lines(frames))
    write_text(folder / 'view_indexes_per_point', _lines(tracks))
    write_text(folder / 'motion.yaml', motion_text(poses))
    write_text(folder / 'structure.ply', points_text(points))
    write_image(folder / 'undistorted_mask.bmp', mask)


def write_observations(
    folder: Path, frames: Sequence[int], seen: np.ndarray, pixels: np.ndarray
) -> None:
    """Write where each point was found.

    Args:
        folder: Of the sequence.
        frames: Number of each of V registered frames.
        seen: (N, V) bool.
        pixels: (N, V, 2) x and y in pixels of the image, read where it was seen.
    """
    rows = []
    for point, view in np.argwhere(seen).tolist():
        x, y = pixels[point, view].tolist()
        rows.append(f'{frames[view]},{point},{x:.4f},{y:.4f}\n')
    write_text(folder / OBSERVATIONS, ''.join(['frame,point,x,y\n', *rows]))


def motion_text(poses: np.ndarray) -> str:
    """Poses (V, 4, 4), camera -> world, as ROS writes them."""
    lines = [
        'header: ',
        '  seq: 0',
        '  stamp: 0.000000000',
        '  frame_id: ',
        'poses[]: ',
    ]
    for i, pose in enumerate(poses):
        turn = rotation_quaternion(pose[:3, :3])
        lines += [f'  poses[{i}]: ', '    position: ']
        lines += [
            f'      {axis}: {v!r}'
            for axis, v in zip('xyz', pose[:3, 3].tolist(), strict=True)
        ]
        lines.append('    orientation: ')
        lines += [
            f'      {axis}: {v!r}'
            for axis, v in zip('xyzw', turn[[1, 2, 3, 0]].tolist(), strict=True)
        ]
    return '\n'.join(lines) + '\n'


def points_text(points: np.ndarray) -> str:
    """Points (N, 3) as ASCII PLY."""
    header = [
        *('ply', 'format ascii 1.0', f'element vertex {len(points)}'),
        *(f'property float {axis}' for axis in 'xyz'),
        'end_header',
    ]
    rows = [' '.join(f'{v:.9g}' for v in point) for point in points.tolist()]
    return '\n'.join(header + rows) + '\n'


def rotation_quaternion(rotation: np.ndarray) -> np.ndarray:
    """Quaternion w, x, y, z (4,) of a rotation (3, 3), with w not negative."""
    # the one that is largest is safe to divide by
    r = rotation
    sums = np.array(
        [
            [
                r[0, 0] + r[1, 1] + r[2, 2],
                r[2, 1] - r[1, 2],
                r[0, 2] - r[2, 0],
                r[1, 0] - r[0, 1],
            ],
            [0, r[0, 0] - r[1, 1] - r[2, 2], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0]],
            [0, 0, r[1, 1] - r[0, 0] - r[2, 2], r[1, 2] + r[2, 1]],
            [0, 0, 0, r[2, 2] - r[0, 0] - r[1, 1]],
        ]
    )
    sums += np.triu(sums, 1).T
    values, vectors = np.linalg.eigh(sums)
    quaternion = vectors[:, -1]
    return quaternion if quaternion[0] >= 0 else -quaternion


def _lines(values: Sequence) -> str:
    return ''.join(f'{value!r}\n' for value in values)
