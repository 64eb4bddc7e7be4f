"""Find, read and write image files."""

import os
from pathlib import Path

import cv2
import numpy as np

from ssltoolbox.utils.atomic import write_bytes

IMAGE_SUFFIXES = tuple('.bmp .jpeg .jpg .pgm .png .ppm .tif .tiff .webp'.split())


def list_images(folder: str | Path) -> list[str]:
    """Name the images in a folder, searched in depth, relative to it and sorted.

    Hidden files are left out: they are previews, or images not yet written.

    Raises:
        FileNotFoundError: There is none.
    """
    names = [
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, files in os.walk(folder)
        for name in files
        if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith('.')
    ]
    if not names:
        raise FileNotFoundError(
            f'{Path(folder).absolute()} holds no image; expected files ending in '
            f'{", ".join(IMAGE_SUFFIXES)}. A video is given by its own path, or made '
            'into images by tools/dataset_converters/video2frames.py.'
        )
    return sorted(Path(name).as_posix() for name in names)


def read_image(path: str | Path, upright: bool = True) -> np.ndarray | None:
    """Read an image file.

    Args:
        path (str | Path): The file.
        upright (bool): Turn it as its EXIF tag says.

    Returns:
        np.ndarray | None: (H, W, 3) uint8, BGR; None if it cannot be decoded.
    """
    flags = cv2.IMREAD_COLOR | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)
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
