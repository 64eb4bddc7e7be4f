"""Changes of colour, grey level for grey level as Pillow makes them, but faster.

Most are one look-up table, or one per channel. mmcv has some of them as well; its
equalisation and automatic contrast take ten times as long.
"""

import cv2
import numpy as np

LUMA_BGR = np.array([[7471, 38470, 19595]], np.float32) / 65536
SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13
LEVELS = np.arange(256)


def checked_image(results: dict, name: str) -> np.ndarray:
    """The image of a sample.

    Args:
        results: The sample as it passes through a pipeline.
        name: Transform that wants the image.

    Raises:
        ValueError: ``img`` is not (H, W, 3) uint8.
    """
    image = results['img']
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f'{name} needs img as (H, W, 3) uint8, got {image.shape} {image.dtype}; '
            'put it before any normalisation.'
        )
    return np.ascontiguousarray(image)


def autocontrast(image: np.ndarray) -> np.ndarray:
    """Stretch every channel of an image (H, W, 3) uint8 to the levels 0..255."""
    tables = []
    for channel in cv2.split(image):
        low, high, _, _ = cv2.minMaxLoc(channel)
        scale = 255 / (high - low) if high > low else 1.0
        # in this order: another one rounds differently
        offset = -low * scale if high > low else 0.0
        tables.append((LEVELS * scale + offset).clip(0, 255))
    return _look_up(image, np.stack(tables, -1))


def equalize(image: np.ndarray) -> np.ndarray:
    """Make the levels of every channel of an image (H, W, 3) uint8 equally frequent."""
    tables = []
    for channel in range(image.shape[2]):
        counts = cv2.calcHist([image], [channel], None, [256], [0, 256]).ravel()
        counts = counts.astype(np.int64)
        step = (counts.sum() - counts[counts > 0][-1]) // 255
        before = np.cumsum(counts) - counts
        table = (before + step // 2) // step if step else LEVELS
        tables.append(table.clip(0, 255))
    return _look_up(image, np.stack(tables, -1))


def equalize_luma(image: np.ndarray) -> np.ndarray:
    """Make the levels of luma (Y of YUV) of a BGR image (H, W, 3) uint8 as frequent."""
    yuv = cv2.cvtColor(image, cv2.COLOR_BGR2YUV)
    yuv[..., 0] = cv2.equalizeHist(yuv[..., 0])
    return cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR)


def invert(image: np.ndarray) -> np.ndarray:
    """Turn an image (H, W, 3) uint8 into its negative."""
    return cv2.bitwise_not(image)


def posterize(image: np.ndarray, bits: int) -> np.ndarray:
    """Keep the highest bits, 0..8, of an image (H, W, 3) uint8."""
    return image & np.uint8(256 - (1 << (8 - bits)))


def solarize(image: np.ndarray, threshold: float, add: int = 0) -> np.ndarray:
    """Invert bright pixels.

    Args:
        image: (H, W, 3) uint8.
        threshold: Lowest level that is inverted.
        add: Number added to every level before, cut at 255.
    """
    levels = (LEVELS + add).clip(0, 255)
    return _look_up(image, np.where(levels < threshold, levels, 255 - levels))


def brightness(image: np.ndarray, factor: float) -> np.ndarray:
    """Blend an image (H, W, 3) uint8 with black; 1 changes nothing."""
    return _look_up(image, _blend(np.zeros(256), LEVELS, factor))


def contrast(image: np.ndarray, factor: float) -> np.ndarray:
    """Blend a BGR image (H, W, 3) uint8 with its mean grey; 1 changes nothing."""
    mean = int(cv2.mean(luma(image))[0] + 0.5)
    return _look_up(image, _blend(np.full(256, mean), LEVELS, factor))


def color(image: np.ndarray, factor: float) -> np.ndarray:
    """Blend a BGR image (H, W, 3) uint8 with its grey copy; 1 changes nothing."""
    return _blend(cv2.merge([luma(image)] * 3), image, factor)


def sharpness(image: np.ndarray, factor: float) -> np.ndarray:
    """Blend an image (H, W, 3) uint8 with a smoothed copy; 1 changes nothing."""
    smooth = cv2.filter2D(image, -1, SMOOTH)
    # the outermost pixels, which have no neighbours, stay
    smooth[[0, -1]], smooth[:, [0, -1]] = image[[0, -1]], image[:, [0, -1]]
    return _blend(smooth, image, factor)


def luma(image: np.ndarray) -> np.ndarray:
    """Grey levels (H, W) uint8 of a BGR image (H, W, 3) uint8."""
    # every product and sum is exact in float32; cv2.cvtColor rounds its weights
    grey = cv2.transform(image.astype(np.float32), LUMA_BGR)
    return (grey + np.float32(0.5)).astype(np.uint8)


def cut_square(
    image: np.ndarray, center: tuple[float, float], side: float, colour: tuple | int
) -> None:
    """Paint a square in place.

    It spans ``side + 1`` px, its end being part of it. At the left and upper border
    it is moved inwards, at the right and lower border it is cut.

    Args:
        image: (H, W, 3) uint8.
        center: (x, y) in px.
        side: Nominal side in px.
        colour: Grey level, or one level per channel.
    """
    left, top = (int(max(0, c - side / 2)) for c in center)
    image[top : int(top + side) + 1, left : int(left + side) + 1] = colour


def _look_up(image: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Replace levels by a table (256,) or (256, channels)."""
    return cv2.LUT(image, table.astype(np.uint8)[None])


def _blend(low: np.ndarray, image: np.ndarray, factor: float) -> np.ndarray:
    """``low + factor (image - low)``, cut at 0 and 255 and rounded down."""
    low, out = low.astype(np.float32), image.astype(np.float32)
    out -= low
    out *= np.float32(factor)
    out += low
    return out.clip(0, 255, out=out).astype(np.uint8)
