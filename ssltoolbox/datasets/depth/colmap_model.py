"""What a sparse model of COLMAP holds.

The layout is that of COLMAP's documentation ("Output Format"), which has the same
content as text and binary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
