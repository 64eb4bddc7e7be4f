"""Turn a sparse model of COLMAP into a sequence with structure from motion."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .colmap_model import ColmapCamera, ColmapModel
from .sfm_files import quaternion_matrix

PIXEL_CENTRE = 0.5
"""Where COLMAP has the centre of the first pixel; here it is 0."""


@dataclass(frozen=True)
class SfmContent:
    """What the files of a sequence say.

    Attributes:
        names: Image of each of V frames, as the model names it.
        frames: Number of each frame, ascending.
        intrinsics: (3, 3) in pixels of the image.
        size: (width, height) of the images.
        poses: (V, 4, 4), camera -> world.
        points: (N, 3).
        seen: (N, V) bool.
        pixels: (N, V, 2), where each point was found, not finite where it was not.
    """

    names: list[str]
    frames: list[int]
    intrinsics: np.ndarray
    size: tuple[int, int]
    poses: np.ndarray
    points: np.ndarray
    seen: np.ndarray
    pixels: np.ndarray


def to_sfm(model: ColmapModel, number_by: str = 'name') -> SfmContent:
    """Convert a model.

    COLMAP has poses world -> camera, which are inverted, and pixels whose first has its
    centre at (0.5, 0.5), which are moved by half a pixel.

    Args:
        model: As it was read.
        number_by: ``'name'``, the last number in the name of an image; ``'order'``,
            from 0 in the order of the names.

    Raises:
        ValueError: The model cannot be used; says why and what to do.
    """
    if not model.images or not model.points:
        raise ValueError(
            f'the model has {len(model.images)} images and {len(model.points)} points: '
            'sparse points are what depth is learnt from, run the mapper of COLMAP '
            'again, or choose another of its models'
        )
    camera = only_camera(model)
    ids = sorted(model.images, key=lambda n: model.images[n].name)
    numbers = frame_numbers([model.images[n].name for n in ids], number_by)
    order = np.argsort(numbers, kind='stable').tolist()
    ids = [ids[i] for i in order]
    images = [model.images[n] for n in ids]
    extrinsics = np.tile(np.eye(4), (len(ids), 1, 1))
    for matrix, image in zip(extrinsics, images, strict=True):
        matrix[:3, :3] = quaternion_matrix(image.quaternion)
        matrix[:3, 3] = image.translation
    if not np.isfinite(extrinsics).all():
        raise ValueError('a pose of the model is not finite: run the mapper again')
    points = np.stack([p.place for p in model.points.values()])
    seen, pixels = _tracks(model, ids)
    return SfmContent(
        names=[image.name for image in images],
        frames=[numbers[i] for i in order],
        intrinsics=pinhole_matrix(camera),
        size=(camera.width, camera.height),
        poses=np.linalg.inv(extrinsics),
        points=points,
        seen=seen,
        pixels=pixels,
    )


def only_camera(model: ColmapModel) -> ColmapCamera:
    """Camera of all images.

    Raises:
        ValueError: There are several, or it has lens distortion.
    """
    used = sorted({image.camera for image in model.images.values()})
    absent = [number for number in used if number not in model.cameras]
    if absent:
        raise ValueError(f'images name the cameras {absent}, which the model has not')
    cameras = {model.cameras[number] for number in used}
    for camera in cameras:
        if camera.model not in ('PINHOLE', 'SIMPLE_PINHOLE'):
            raise ValueError(
                f'a camera of the model is {camera.model}, which has lens distortion, '
                'expected PINHOLE or SIMPLE_PINHOLE. Undistort first: colmap '
                'image_undistorter --image_path IMAGES --input_path MODEL '
                '--output_path UNDISTORTED, and convert UNDISTORTED/sparse'
            )
    if len(cameras) > 1:
        raise ValueError(
            f'the images are of {len(cameras)} different cameras, a sequence has one: '
            'run the feature extractor with --ImageReader.single_camera 1, or make a '
            'model of each video'
        )
    return cameras.pop()


def pinhole_matrix(camera: ColmapCamera) -> np.ndarray:
    """Intrinsics (3, 3), where the centre of the first pixel is (0, 0)."""
    *focal, cx, cy = camera.parameters
    return np.array(
        [
            [focal[0], 0, cx - PIXEL_CENTRE],
            [0, focal[-1], cy - PIXEL_CENTRE],
            [0, 0, 1],
        ]
    )


def frame_numbers(names: Sequence[str], number_by: str) -> list[int]:
    """Number of each image.

    Raises:
        ValueError: A name has no number, or two have the same.
    """
    if number_by == 'order':
        return list(range(len(names)))
    found: dict[int, str] = {}
    for name in names:
        digits = re.findall(r'\d+', Path(name).stem)
        number = int(digits[-1]) if digits else None
        if number is None or number in found or number >= 10**8:
            what = f'the number of {found[number]}' if number in found else 'none'
            raise ValueError(
                f'image {name}: expected a frame number of its own, up to 8 digits, at '
                f'the end of the name, it has {what}. Number the frames in the order '
                'of their names by --number-by order'
            )
        found[number] = name
    return list(found)


def _tracks(model: ColmapModel, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """In which views points were found (N, V), and where (N, V, 2)."""
    position = {number: view for view, number in enumerate(ids)}
    seen = np.zeros((len(model.points), len(ids)), bool)
    pixels = np.full((*seen.shape, 2), np.nan)
    for row, (number, point) in enumerate(model.points.items()):
        for image, feature in point.track:
            known = image in position
            if not known or not 0 <= feature < len(model.images[image].pixels):
                raise ValueError(
                    f'point {number} was found as feature {feature} of image {image}, '
                    'which the model has not: its files are of different models'
                )
            place = row, position[image]
            seen[place] = True
            pixels[place] = model.images[image].pixels[feature] - PIXEL_CENTRE
    return seen, pixels
