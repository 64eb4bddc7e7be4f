"""Colours of the strong views of weak-to-strong consistency."""

import random
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from . import colour_ops as ops

HUES = 180
"""Steps of the hue in 8 bits of OpenCV."""


def turn_hue(image: np.ndarray, share: float) -> np.ndarray:
    """Turn the hue of a BGR image (H, W, 3) uint8 by a share of the circle."""
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    steps = np.arange(256) + round(share * HUES)
    hsv[..., 0] = cv2.LUT(hsv[..., 0], (steps % HUES).astype(np.uint8))
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)


JITTER: tuple[Callable[[np.ndarray, float], np.ndarray], ...] = (
    ops.brightness,
    ops.contrast,
    ops.color,
    turn_hue,
)
"""What a jitter changes: brightness, contrast, saturation and hue."""


@TRANSFORMS.register_module()
class StrongColour(BaseTransform):
    """Jitter the colours of a view, make it grey, blur it, each with a probability.

    Masks and keypoints stay where they are. The draws come from the global generators
    of ``random`` and ``numpy.random``.

    Args:
        jitter: Largest change of brightness, contrast and saturation, whose factors are
            uniform about 1, and of hue, a share of the circle, 0..0.5. All four are
            applied, in an order drawn anew.
        jitter_prob: Probability of a jitter.
        grey_prob: Probability that only the luma is left.
        blur_prob: Probability of a Gaussian blur.
        sigma: Least and largest width of the blur in pixels of the view.

    Modifies ``img``: (H, W, 3) uint8, BGR.

    Source: strong augmentation of UniMatch (Yang et al., CVPR 2023), on the view in
    place of the crop.

    Raises:
        ValueError: If an argument is out of range or ``img`` is of another kind.
    """

    def __init__(
        self,
        jitter: Sequence[float] = (0.5, 0.5, 0.5, 0.25),
        jitter_prob: float = 0.8,
        grey_prob: float = 0.2,
        blur_prob: float = 0.5,
        sigma: tuple[float, float] = (0.1, 2.0),
    ) -> None:
        probs = (jitter_prob, grey_prob, blur_prob)
        if not all(0 <= prob <= 1 for prob in probs):
            raise ValueError(f'StrongColour: probabilities are in 0..1, got {probs}')
        if len(jitter) != 4 or not all(0 <= j <= 1 for j in jitter) or jitter[3] > 0.5:
            raise ValueError(
                'StrongColour: jitter is (brightness, contrast, saturation, hue) in '
                f'0..1, hue in 0..0.5, got {tuple(jitter)}'
            )
        if len(sigma) != 2 or not 0 < sigma[0] <= sigma[1]:
            raise ValueError(
                f'StrongColour: sigma is (least, largest) above 0, got {tuple(sigma)}'
            )
        self.jitter, self.sigma = tuple(jitter), tuple(sigma)
        self.jitter_prob, self.grey_prob, self.blur_prob = probs

    def transform(self, results: dict) -> dict:
        """Replace ``img`` by its changed copy."""
        image = ops.checked_image(results, type(self).__name__)
        if random.random() < self.jitter_prob:
            image = self._jittered(image)
        if random.random() < self.grey_prob:
            image = ops.color(image, 0)
        if random.random() < self.blur_prob:
            sigma = float(np.random.uniform(*self.sigma))
            image = cv2.GaussianBlur(image, (0, 0), sigma)
        results['img'] = image
        return results

    def _jittered(self, image: np.ndarray) -> np.ndarray:
        for which in np.random.permutation(len(JITTER)):
            change = np.random.uniform(-1, 1) * self.jitter[which]
            middle = 0 if JITTER[which] is turn_hue else 1
            image = JITTER[which](image, middle + change)
        return image
