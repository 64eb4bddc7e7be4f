"""Read the values of a mask and what they mean, or say why a file is none."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from .codes import LabelCodes


def read_mask(path: str | Path, snap: int = 0) -> np.ndarray:
    """Read a mask as stored: values of grey, or numbers of the colours of a palette.

    A grey mask that was stored in colours, with equal channels, is grey.

    Args:
        path: The file, in any format that PIL reads.
        snap: Largest difference of channels that counts as equal: lossy formats
            change them.

    Returns:
        (H, W) uint8; (H, W, channels) where the channels differ.

    Raises:
        ValueError: The file cannot be decoded, or has values outside 0..255 or
            fractions.
    """
    try:
        with Image.open(path) as file:
            mask = np.array(file)
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ValueError(
            f'mask {path} cannot be decoded; it is damaged or no image. Copy or '
            f'download it again. ({error})'
        ) from None
    if mask.ndim == 3:
        mask = _without_colours(mask, snap)
    if mask.dtype == bool or mask.dtype == np.uint8:
        return mask.astype(np.uint8)
    if mask.min() < 0 or mask.max() > 255 or (mask % 1).any():
        raise ValueError(
            f'mask {path} has values from {mask.min()} to {mask.max()}, expected whole '
            'numbers from 0 to 254, and 255 for what is ignored.'
        )
    return mask.astype(np.uint8)


def encode_mask(
    mask: np.ndarray, codes: LabelCodes, path: str | Path, snap: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Translate the values of a file as :meth:`LabelCodes.encode` does.

    Raises:
        ValueError: The mask has colours or values of no class; names the file.
    """
    if mask.ndim != 2:
        raise ValueError(
            f'mask {path} has colours; expected one number for each pixel. Store the '
            'class of each pixel as a grey or palette PNG.'
        )
    try:
        return codes.encode(mask, snap)
    except ValueError as error:
        raise ValueError(
            f'mask {path}: {error}. Give each value to a class in the codes '
            '(metainfo, or codes.txt). Where a lossy format such as JPEG made '
            "them, take dict(type='ssltoolbox.LoadMask', snap=16) or convert the "
            'masks to PNG.'
        ) from None


def _without_colours(mask: np.ndarray, snap: int) -> np.ndarray:
    """Make grey of equal channels; an alpha channel may hold no information."""
    # numpy walks over interleaved channels ten times as slowly
    planes = [cv2.extractChannel(mask, c) for c in range(mask.shape[2])]
    if len(planes) in (2, 4):
        alpha = planes.pop()
        if alpha.min() != alpha.max():
            return mask
    if len(planes) == 1:
        return planes[0]
    a, b, c = planes
    if np.array_equal(a, b) and np.array_equal(b, c):
        return a
    low, high = cv2.min(a, b), cv2.max(a, b)
    if int(cv2.subtract(cv2.max(high, c), cv2.min(low, c)).max()) > snap:
        return mask
    return cv2.max(low, cv2.min(high, c))  # the middle one
