"""What a camera does to a picture: motion, focus and noise."""

import cv2
import numpy as np


def lens(
    rng: np.random.Generator, image: np.ndarray, speed: np.ndarray, noise: float
) -> np.ndarray:
    """Blur by motion or focus, and add noise; return uint8 (H, W, 3).

    Args:
        rng (np.random.Generator): Of the frame.
        image (np.ndarray): (H, W, 3) in 0 to 255.
        speed (np.ndarray): (2,) motion while the shutter is open, image heights. The
            blur is centred, so that keypoints stay where they are.
        noise (float): Deviation of the sensor's noise.
    """
    pick = rng.random()
    if pick < 0.3:
        image = _smear(image, speed * image.shape[0])
    elif pick < 0.45:
        sigma = rng.uniform(0.004, 0.011) * image.shape[0]
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    image = image + rng.normal(0, noise, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def _smear(image: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Average along ``step`` (2,) pixels, half of it to either side."""
    half = int(np.ceil(np.abs(step).max() / 2))
    if half < 1:
        return image
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    ends = np.round((half + np.stack([-step, step]) / 2) * 16).astype(int)
    first, last = (tuple(map(int, end)) for end in ends)
    cv2.line(kernel, first, last, 1.0, 1, cv2.LINE_AA, 4)
    # Drawn both ways, the kernel is symmetric to the last bit.
    kernel += kernel[::-1, ::-1]
    return cv2.filter2D(image, -1, kernel / kernel.sum())
