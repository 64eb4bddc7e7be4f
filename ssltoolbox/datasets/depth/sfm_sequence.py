"""One sequence of video frames, with what structure from motion found in it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ssltoolbox.utils.image_file import decode_file, read_image

from .sfm_files import (
    read_frames,
    read_intrinsics,
    read_points,
    read_poses,
    read_tracks,
)


@dataclass(frozen=True)
class SfmSequence:
    """Registered frames, cameras and points, as they are on disk.

    Attributes:
        folder: Its folder.
        frames: Number of each of the V registered frames.
        images: File of each.
        intrinsics: (3, 3) in pixels of the full image.
        poses: (V, 4, 4), camera -> world.
        points: (N, 3) in the world, in the unit of the poses.
        seen: (N, V) bool, in which views each point was found.
        mask: (H, W) uint8, 255 where the camera shows the scene.
    """

    folder: Path
    frames: list[int]
    images: list[Path]
    intrinsics: np.ndarray
    poses: np.ndarray
    points: np.ndarray
    seen: np.ndarray
    mask: np.ndarray

    @classmethod
    def read(
        cls,
        folder: str | Path,
        suffix: str = '',
        intrinsics_per_view: int | None = None,
    ) -> 'SfmSequence':
        """Read a folder.

        Args:
            folder: With ``NNNNNNNN.jpg``, ``visible_view_indexes``, ``motion.yaml``,
                ``structure.ply``, ``view_indexes_per_point``,
                ``camera_intrinsics_per_view`` and ``undistorted_mask.bmp``.
            suffix: Of the names of views, points and tracks, such as ``'_filtered'``.
            intrinsics_per_view: 4 or 3 numbers, None to tell by their count.

        Raises:
            FileNotFoundError: A file is absent; names it.
            ValueError: A file is damaged, or two do not fit together; names them.
        """
        folder = Path(folder)
        views = folder / f'visible_view_indexes{suffix}'
        points = folder / f'structure{suffix}.ply'
        tracks = folder / f'view_indexes_per_point{suffix}'
        frames = read_frames(views)
        sequence = cls(
            folder=folder,
            frames=frames,
            images=[folder / f'{frame:08d}.jpg' for frame in frames],
            intrinsics=read_intrinsics(
                folder / 'camera_intrinsics_per_view', intrinsics_per_view, len(frames)
            ),
            poses=read_poses(folder / 'motion.yaml'),
            points=read_points(points),
            seen=read_tracks(tracks, frames),
            mask=read_mask(folder),
        )
        for found, file, wanted, other in (
            (sequence.poses, 'motion.yaml', frames, views.name),
            (sequence.seen, tracks.name, sequence.points, points.name),
        ):
            if len(found) != len(wanted):
                raise ValueError(
                    f'{folder}: {file} has {len(found)} entries, {other} '
                    f'{len(wanted)}: they are of different runs of structure from '
                    'motion, copy all files of one'
                )
        absent = [path.name for path in sequence.images if not path.is_file()]
        if absent:
            raise FileNotFoundError(
                f'{folder}: {len(absent)} of {len(frames)} registered frames have no '
                f'image (first: {absent[0]}): extract all that {views.name} names'
            )
        if len(frames) < 2:
            raise ValueError(
                f'{folder} has one registered view, and depth is learnt from pairs: '
                'leave this sequence out'
            )
        return sequence


def read_mask(folder: Path) -> np.ndarray:
    """Mask of the frames of a folder, see :func:`read_mask_file`."""
    return read_mask_file(folder / 'undistorted_mask.bmp')


def read_mask_file(path: Path) -> np.ndarray:
    """Mask (H, W) uint8 of the pixels that show the scene, 255 where they do.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It cannot be decoded, or is empty.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'{path} does not exist: a grey image, 255 where the camera shows the '
            'scene (all of it, if nothing is masked)'
        )
    mask = decode_file(path, cv2.IMREAD_GRAYSCALE)
    if mask is None or not (mask == 255).any():
        raise ValueError(
            f'{path} '
            + ('is no image' if mask is None else 'is nowhere 255: nothing is valid')
            + ', expected a grey image that is 255 where the camera shows the scene'
        )
    return mask


def read_frame(path: Path, mask: np.ndarray) -> np.ndarray:
    """Image (H, W, 3) uint8 BGR of the size of the mask.

    Raises:
        ValueError: It cannot be decoded, or has another size.
    """
    image = read_image(path, upright=False)
    if image is None or image.shape[:2] != mask.shape:
        found = (
            'no image, or a damaged one'
            if image is None
            else f'{image.shape[1]} x {image.shape[0]} px'
        )
        raise ValueError(
            f'{path} is {found}, expected a frame of {mask.shape[1]} x {mask.shape[0]} '
            'px, as undistorted_mask.bmp beside it'
        )
    return image
