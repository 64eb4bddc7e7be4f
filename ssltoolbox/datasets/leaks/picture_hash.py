"""A fingerprint of what a picture shows, equal for copies of other size or format."""

import warnings

import cv2
import numpy as np
from PIL import Image

from ssltoolbox.utils.image_file import read_image

SIDE = 16
BITS = SIDE * SIDE
MIN_CONTRAST = 2.0
"""Standard deviation of grey values below which nothing but noise would be compared."""

OK, FLAT, UNREADABLE = range(3)


def picture_hash(path: str) -> tuple[np.ndarray, int]:
    """Hash a picture by the signs of its 16 x 16 slowest cosine waves (imagehash).

    The usual 8 x 8 are too few here: neighbouring frames of a video share all of them.

    Args:
        path: File of the picture.

    Returns:
        (32,) uint8, the 256 bits; and ``OK``, ``FLAT`` for a picture without contrast,
        or ``UNREADABLE``: the bits of these two mean nothing.
    """
    import imagehash

    image = read_image(path)
    nothing = np.zeros(BITS // 8, np.uint8)
    if image is None:
        return nothing, UNREADABLE
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    # the size to which imagehash brings it, without the cost of a large PIL image
    large = min(grey.shape) >= 4 * SIDE
    how = cv2.INTER_AREA if large else cv2.INTER_LINEAR
    small = cv2.resize(grey, (4 * SIDE, 4 * SIDE), interpolation=how)
    if small.std() < MIN_CONTRAST:
        return nothing, FLAT
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        bits = imagehash.phash(Image.fromarray(small), hash_size=SIDE).hash
    return np.packbits(bits), OK
