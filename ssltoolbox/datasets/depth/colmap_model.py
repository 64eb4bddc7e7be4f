"""What a sparse model of COLMAP holds, and where its files are.

The layout is that of COLMAP's documentation ("Output Format"), which has the same
content as text and binary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PARAMETERS = dict(
    SIMPLE_PINHOLE=3,
    PINHOLE=4,
    SIMPLE_RADIAL=4,
    RADIAL=5,
    OPENCV=8,
    OPENCV_FISHEYE=8,
    FULL_OPENCV=12,
    FOV=5,
    SIMPLE_RADIAL_FISHEYE=4,
    RADIAL_FISHEYE=5,
    THIN_PRISM_FISHEYE=12,
    RAD_TAN_THIN_PRISM_FISHEYE=16,
)
"""Number of parameters of each camera model, in the order of their ids."""

PARTS = ('cameras', 'images', 'points3D')


@dataclass(frozen=True)
class ColmapCamera:
    """Its model, such as ``'PINHOLE'``, size of its images in px, and parameters."""

    model: str
    width: int
    height: int
    parameters: tuple[float, ...]


@dataclass(frozen=True)
class ColmapImage:
    """One registered image.

    Attributes:
        name: Of its file, relative to the folder of the images.
        camera: Id of its camera.
        quaternion: (4,) w, x, y, z of the rotation world -> camera.
        translation: (3,) of the same.
        pixels: (P, 2) features; the centre of the first pixel is (0.5, 0.5).
    """

    name: str
    camera: int
    quaternion: np.ndarray
    translation: np.ndarray
    pixels: np.ndarray


@dataclass(frozen=True)
class ColmapPoint:
    """A place (3,) in the world, and its track: (image id, number of a feature)."""

    place: np.ndarray
    track: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class ColmapModel:
    """Cameras, images and points by their ids."""

    cameras: dict[int, ColmapCamera]
    images: dict[int, ColmapImage]
    points: dict[int, ColmapPoint]


def read_colmap(folder: str | Path) -> ColmapModel:
    """Read a sparse model, text or binary.

    Raises:
        FileNotFoundError: The folder holds no model.
        ValueError: A file is damaged; names it, and the line or the byte.
    """
    from . import colmap_binary, colmap_text

    folder = Path(folder)
    for suffix, reader in (('.bin', colmap_binary), ('.txt', colmap_text)):
        paths = [folder / f'{part}{suffix}' for part in PARTS]
        if all(path.is_file() for path in paths):
            cameras, images, points = paths
            return ColmapModel(
                reader.read_cameras(cameras),
                reader.read_images(images),
                reader.read_points(points),
            )
    raise FileNotFoundError(
        f'{folder.absolute()} holds no model of COLMAP: expected cameras, images and '
        'points3D, all .bin or all .txt; COLMAP writes them to a numbered folder, such '
        'as sparse/0'
    )
