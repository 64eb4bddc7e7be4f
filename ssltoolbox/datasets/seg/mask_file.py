"""Read the values of a mask, or say why a file is none."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError


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


def _without_colours(mask: np.ndarray, snap: int) -> np.ndarray:
    """Make grey of equal channels; an alpha channel may hold no information."""
    colours = mask
    if mask.shape[2] in (2, 4):
        colours, alpha = mask[..., :-1], mask[..., -1]
        if alpha.min() != alpha.max():
            return mask
    if int(np.ptp(colours, axis=2).max(initial=0)) > snap:
        return mask
    return np.sort(colours, axis=2)[..., colours.shape[2] // 2]
