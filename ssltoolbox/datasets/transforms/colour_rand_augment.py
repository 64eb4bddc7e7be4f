"""RandAugment from colours alone, with one strength for all operations."""

import random
from collections.abc import Callable

import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from . import colour_ops as ops

MEAN_COLOUR = (114, 123, 125)
"""Mean of ImageNet in BGR, which paints a hole."""


def _either_way(enhance: Callable) -> Callable[[np.ndarray, float], np.ndarray]:
    def run(image: np.ndarray, value: float) -> np.ndarray:
        return enhance(image, 1 + random.choice((-1, 1)) * value)

    return run


def _cut_out(image: np.ndarray, value: float) -> np.ndarray:
    height, width = image.shape[:2]
    # uniform from the far side down to 1, as the original draws them
    x = np.random.uniform(width, 1)
    y = np.random.uniform(height, 1)
    image = image.copy()
    ops.cut_square(image, (x, y), value, MEAN_COLOUR)
    return image


POOL: dict[str, tuple[Callable[[np.ndarray, float], np.ndarray], float]] = {
    'AutoContrast': (lambda image, value: ops.autocontrast(image), 1),
    'Equalize': (lambda image, value: ops.equalize(image), 1),
    'Invert': (lambda image, value: ops.invert(image), 1),
    'Posterize': (lambda image, v: ops.posterize(image, max(2, 6 - int(v))), 4),
    'Solarize': (lambda image, value: ops.solarize(image, 256 - value), 256),
    'SolarizeAdd': (lambda image, v: ops.solarize(image, 128, add=int(v)), 110),
    'Color': (_either_way(ops.color), 0.9),
    'Contrast': (_either_way(ops.contrast), 0.9),
    'Brightness': (_either_way(ops.brightness), 0.9),
    'Sharpness': (_either_way(ops.sharpness), 0.9),
    'CutoutAbs': (_cut_out, 80),
}
"""``{name: (op(BGR image, value), value at full strength)}``; the order is drawn from.

``SolarizeAdd`` adds to every pixel, where others add below the threshold only.
``CutoutAbs`` has a side in px of the crop.
"""


@TRANSFORMS.register_module()
class ColourRandAugment(BaseTransform):
    """Change the colours of a crop; keypoints stay where they are.

    ``num_ops`` operations are drawn with replacement from :data:`POOL` and applied one
    after the other. The draws come from the global generators of ``random`` and
    ``numpy.random``.

    Args:
        num_ops: Operations per image.
        magnitude: Strength of all of them, 0..30; 30 is full strength.

    Modifies ``img``: (H, W, 3) uint8, BGR.

    Source: PoseDual (Xie et al., ICCV 2021, arXiv 2011.12498), after RandAugment
    (Cubuk et al., arXiv 1909.13719). Differs: grey is weighted as the channels are,
    where the original takes blue for red.

    Raises:
        ValueError: If an argument is out of range or ``img`` is of another kind.
    """

    def __init__(self, num_ops: int = 2, magnitude: float = 20) -> None:
        if num_ops < 0 or not 0 <= magnitude <= 30:
            raise ValueError(
                'ColourRandAugment: num_ops must not be negative and magnitude must '
                f'be 0..30, got {num_ops} and {magnitude}.'
            )
        self.num_ops, self.magnitude = num_ops, magnitude

    def draw(self) -> list[str]:
        """Draw the names of the operations for an image."""
        return random.choices(list(POOL), k=self.num_ops)

    def transform(self, results: dict) -> dict:
        """Replace ``img`` by its augmented copy."""
        image = ops.checked_image(results, type(self).__name__)
        for name in self.draw():
            op, largest = POOL[name]
            image = op(image, self.magnitude / 30 * largest)
        results['img'] = image
        return results

    def __repr__(self) -> str:
        name = type(self).__name__
        return f'{name}(num_ops={self.num_ops}, magnitude={self.magnitude})'
