"""Find, read and write image files."""

import os
from pathlib import Path

import cv2
import numpy as np

from ssltoolbox.utils.atomic import write_bytes

IMAGE_SUFFIXES = tuple('.bmp .jpeg .jpg .pgm .png .ppm .tif .tiff .webp'.split())


_SIGNATURES = (
    *(b'\x89PNG', b'\xff\xd8\xff', b'BM', b'II*\0', b'MM\0*', b'II+\0', b'MM\0+'),
    *(b'P1', b'P2', b'P3', b'P4', b'P5', b'P6', b'RIFF'),
)
"""First bytes of the formats of ``IMAGE_SUFFIXES``."""


def list_files(folder: str | Path) -> list[str]:
    """Name the files in a folder, searched in depth, relative to it and sorted.

    Hidden files are left out: they are previews, or images not yet written.
    """
    names = (
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, files in os.walk(folder)
        for name in files
        if not name.startswith('.')
    )
    return sorted(Path(name).as_posix() for name in names)


def is_image(path: str | Path) -> bool:
    """Tell by its suffix and its first bytes whether a file is an image."""
    if not str(path).lower().endswith(IMAGE_SUFFIXES):
        return False
    with open(path, 'rb') as file:
        return file.read(4).startswith(_SIGNATURES)


def list_images(folder: str | Path) -> list[str]:
    """Name the images among the files of :func:`list_files`, by their suffixes.

    Raises:
        FileNotFoundError: There is none.
    """
    names = [n for n in list_files(folder) if n.lower().endswith(IMAGE_SUFFIXES)]
    if not names:
        raise FileNotFoundError(
            f'{Path(folder).absolute()} holds no image; expected files ending in '
            f'{", ".join(IMAGE_SUFFIXES)}. A video is given by its own path, or made '
            'into images by tools/dataset_converters/video2frames.py.'
        )
    return names


def to_8_bit(image: np.ndarray) -> np.ndarray:
    """Scale an image of more than 8 bits so that its values fill 0 to 255.

    Its own lowest value becomes 0 and its highest 255, over all channels together:
    which part of 16 bits a camera or scanner uses is not in the file, and a fixed scale
    would turn 12-bit images black. Images that must keep a common scale, such as slices
    of one scan, are to be stored with 8 bits.

    Args:
        image: Of any shape and number type; 8 bits are returned as they are.

    Raises:
        ValueError: It has values that are no numbers.
    """
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    if not np.isfinite([low, high]).all():
        raise ValueError('it has infinite values, or some that are no numbers')
    scale = 255 / (high - low) if high > low else 0.0
    return np.rint((image.astype(np.float64) - low) * scale).astype(np.uint8)


def read_image(path: str | Path, upright: bool = True) -> np.ndarray | None:
    """Read an image file.

    Args:
        path (str | Path): The file.
        upright (bool): Turn it as its EXIF tag says.

    Returns:
        np.ndarray | None: (H, W, 3) uint8, BGR: transparency is left out, and more
            than 8 bits are scaled by :func:`to_8_bit`. None if it cannot be decoded.
    """
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    flags |= 0 if upright else cv2.IMREAD_IGNORE_ORIENTATION
    image = decode_file(path, flags)
    try:
        return None if image is None else to_8_bit(image)
    except ValueError:
        return None


def decode_file(path: str | Path, flags: int) -> np.ndarray | None:
    """Decode an image file that is whole.

    ``cv2.imread`` fills up what a truncated JPEG lacks, and only prints so; of bytes in
    memory OpenCV refuses it.

    Args:
        path (str | Path): The file.
        flags (int): As of ``cv2.imread``.

    Returns:
        np.ndarray | None: None if it is absent, or cannot be decoded.
    """
    try:
        return cv2.imdecode(np.fromfile(path, np.uint8), flags)
    except (OSError, cv2.error):
        return None


def write_image(path: str | Path, image: np.ndarray, quality: int = 95) -> None:
    """Write a picture so that the file is either complete or absent.

    Args:
        path (str | Path): Target; the suffix chooses the format. Missing folders
            are made.
        image (np.ndarray): (H, W, 3) or (H, W) uint8, BGR.
        quality (int): Of a JPEG, 1 to 100.

    Raises:
        ValueError: If OpenCV cannot write the format.
    """
    suffix = Path(path).suffix or ' '
    jpeg = suffix.lower() in ('.jpg', '.jpeg')
    try:
        # OpenCV 5 complains aloud about a parameter of another format
        parameters = [cv2.IMWRITE_JPEG_QUALITY, quality] if jpeg else []
        done, data = cv2.imencode(suffix, image, parameters)
    except cv2.error:
        done = False
    if not done:
        raise ValueError(f'{path}: cannot write this format, use .png or .jpg')
    write_bytes(path, data.tobytes())
