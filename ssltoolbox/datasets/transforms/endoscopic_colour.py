"""The published change of colours of endoscopic frames: light, blur and noise."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from .colour_ops import LEVELS, checked_image

Range = Sequence[float]


@TRANSFORMS.register_module()
class EndoscopicColour(BaseTransform):
    """Change the colours of a frame, then its sharpness, then add noise.

    Each of the three happens or not; nothing is moved. Numbers are uniform between
    their bounds, from the global generator of ``numpy.random``.

    * colours: in ``light_share`` of the cases brightness, contrast, gamma and hue, all
      of them; else hue, saturation and value;
    * sharpness: box blur, median blur, motion blur, or JPEG, equally often;
    * noise: of each channel, or the same in all three, equally often.

    Args:
        brightness: Largest shift, as a share of 255.
        contrast: Largest change of the factor of all grey levels.
        gamma: Least and largest exponent.
        hue: Largest turn in degrees.
        saturation: Largest shift in levels of 0..255.
        value: The same.
        light_share: Share of the changes of colours that are of the light.
        blur_size: Least and largest side of the window in px, both odd.
        jpeg_quality: Least and largest quality, of 100.
        noise_variance: Least and largest variance of each channel, in squared levels.
        grey_noise: Least and largest deviation of what all channels share, in levels.
        colour_prob: Probability of the first.
        blur_prob: Of the second.
        noise_prob: Of the third.

    Modifies ``img``: (H, W, 3) uint8, BGR.

    Source: the program of Liu et al., TMI 2020, as its library executes it.
    """

    def __init__(
        self,
        brightness: float = 0.3,
        contrast: float = 0.3,
        gamma: Range = (0.8, 1.2),
        hue: float = 60.0,
        saturation: float = 30.0,
        value: float = 30.0,
        light_share: float = 2 / 3,
        blur_size: Sequence[int] = (3, 7),
        jpeg_quality: Sequence[int] = (20, 100),
        noise_variance: Range = (10.0, 30.0),
        grey_noise: Range = (1.275, 5.1),
        colour_prob: float = 0.5,
        blur_prob: float = 0.5,
        noise_prob: float = 0.5,
    ) -> None:
        for name, given in (
            ('light_share', light_share),
            ('colour_prob', colour_prob),
            ('blur_prob', blur_prob),
            ('noise_prob', noise_prob),
            ('contrast', contrast),
        ):
            _check(0 <= given <= 1, name, '0..1', given)
        for name, bounds, low, high in (
            ('gamma', gamma, 0.01, 100),
            ('blur_size', blur_size, 1, 99),
            ('jpeg_quality', jpeg_quality, 1, 100),
            ('noise_variance', noise_variance, 0, 255**2),
            ('grey_noise', grey_noise, 0, 255),
        ):
            sound = len(bounds) == 2 and low <= bounds[0] <= bounds[1] <= high
            _check(sound, name, f'(least, largest) in {low}..{high}', bounds)
        _check(all(n % 2 for n in blur_size), 'blur_size', 'two odd numbers', blur_size)
        self.light = brightness, contrast, gamma
        self.hue, self.saturation, self.value = hue, saturation, value
        self.light_share = light_share
        self.blur_size, self.jpeg_quality = tuple(blur_size), tuple(jpeg_quality)
        self.noise_variance, self.grey_noise = noise_variance, grey_noise
        self.probs = colour_prob, blur_prob, noise_prob

    def transform(self, results: dict) -> dict:
        """Replace ``img`` by its changed copy."""
        image = checked_image(results, type(self).__name__)
        steps = self.change_colour, self.change_sharpness, self.add_noise
        for step, prob in zip(steps, self.probs, strict=True):
            if np.random.rand() < prob:
                image = step(image)
        results['img'] = image
        return results

    def change_colour(self, image: np.ndarray) -> np.ndarray:
        """Change the light, or hue, saturation and value."""
        turn = _either_way(self.hue)
        if np.random.rand() >= self.light_share:
            return shift_hsv(
                image, turn, _either_way(self.saturation), _either_way(self.value)
            )
        brightness, contrast, gamma = self.light
        image = relight(
            image,
            factor=1 + _either_way(contrast),
            shift=_either_way(brightness),
            exponent=np.random.uniform(*gamma),
        )
        return shift_hsv(image, turn)

    def change_sharpness(self, image: np.ndarray) -> np.ndarray:
        """Blur, or compress."""
        kind = np.random.randint(4)
        if kind == 3:
            low, high = self.jpeg_quality
            quality = [cv2.IMWRITE_JPEG_QUALITY, np.random.randint(low, high + 1)]
            return cv2.imdecode(cv2.imencode('.jpg', image, quality)[1], 1)
        low, high = self.blur_size
        side = low + 2 * np.random.randint((high - low) // 2 + 1)
        if kind == 0:
            return cv2.blur(image, (side, side))
        if kind == 1:
            return cv2.medianBlur(image, side)
        return cv2.filter2D(image, -1, motion_kernel(side))

    def add_noise(self, image: np.ndarray) -> np.ndarray:
        """Add noise of each channel, or of all three alike."""
        if np.random.rand() < 0.5:
            sigma, depth = np.random.uniform(*self.noise_variance) ** 0.5, 3
        else:
            sigma, depth = np.random.uniform(*self.grey_noise), 1
        noise = sigma * np.random.standard_normal((*image.shape[:2], depth))
        return np.rint(image + noise).clip(0, 255).astype(np.uint8)


def relight(
    image: np.ndarray, factor: float, shift: float, exponent: float
) -> np.ndarray:
    """``255 clip(factor x + shift, 0, 1)^exponent`` of an image (H, W, 3) uint8."""
    table = 255 * (factor * LEVELS / 255 + shift).clip(0, 1) ** exponent
    return cv2.LUT(image, np.rint(table).astype(np.uint8)[None])


def shift_hsv(
    image: np.ndarray, hue: float, saturation: float = 0.0, value: float = 0.0
) -> np.ndarray:
    """Turn the hue of a BGR image (H, W, 3) uint8, and shift saturation and value.

    Args:
        image: The image.
        hue: In degrees.
        saturation: In levels of 0..255, at which it is cut.
        value: The same.
    """
    tables = [
        np.rint(LEVELS + hue * 255 / 360) % 255,  # as OpenCV codes the circle
        (LEVELS + saturation).clip(0, 255),
        (LEVELS + value).clip(0, 255),
    ]
    table = np.rint(np.stack(tables, -1)).astype(np.uint8)[None]
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV_FULL)
    return cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2BGR_FULL)


def motion_kernel(side: int) -> np.ndarray:
    """Kernel (side, side) of a straight movement between two random cells; sum 1."""
    kernel = np.zeros((side, side), np.float32)
    ends = np.random.randint(side, size=(2, 2)).tolist()
    cv2.line(kernel, *ends, 1.0)
    return kernel / kernel.sum()


def _either_way(largest: float) -> float:
    return float(np.random.uniform(-largest, largest))


def _check(sound: bool, name: str, expected: str, given) -> None:
    if not sound:
        raise ValueError(f'EndoscopicColour: {name} is {expected}, got {given!r}')
