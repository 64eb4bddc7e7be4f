"""Strong photometric augmentation that leaves keypoints where they are."""

import random
from collections.abc import Callable

import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from . import colour_ops as ops

GREY = 127


def _weakened(enhance: Callable) -> Callable[[np.ndarray, int], np.ndarray]:
    # Factors stay below 1: the pool weakens an image, it never exaggerates it.
    return lambda image, level: enhance(image, 0.05 + 0.09 * level)


OPS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    'AutoContrast': lambda image, level: ops.autocontrast(image),
    'Brightness': _weakened(ops.brightness),
    'Color': _weakened(ops.color),
    'Contrast': _weakened(ops.contrast),
    'Equalize': lambda image, level: ops.equalize(image),
    'Identity': lambda image, level: image,
    'Posterize': lambda image, level: ops.posterize(image, level * 4 // 10 + 4),
    'Sharpness': _weakened(ops.sharpness),
    'Solarize': lambda image, level: ops.solarize(image, 256 - level * 256 // 10),
}
"""The pool, as ``op(BGR image, level)`` with levels 1..9; none moves a pixel."""


def cut_out(image: np.ndarray, size: int) -> None:
    """Paint one grey square in place, its centre uniform over the image.

    Args:
        image: (H, W, 3) uint8.
        size: Nominal side in px; :func:`~.colour_ops.cut_square` says what is painted.
    """
    height, width = image.shape[:2]
    x = np.random.uniform(0, width)
    y = np.random.uniform(0, height)
    ops.cut_square(image, (x, y), size, GREY)


@TRANSFORMS.register_module()
class PoseRandAugment(BaseTransform):
    """Change the colours of a crop and hide squares of it.

    ``num_ops`` operations are drawn with replacement from :data:`OPS`, each with its
    own level and applied with probability 0.5; then, with probability 0.5,
    ``num_holes`` grey squares are painted. The draws come from the global
    generators of ``random`` and ``numpy.random``.

    Args:
        num_ops: Operations drawn per image.
        level: Levels are drawn from 1..level-1; at most 10.
        num_holes: Grey squares per image that is cut at all.
        hole_size: Nominal side of a square in px of the crop. 32 is meant for
            crops of 256 px; choose it in proportion for smaller ones.

    Modifies ``img``: (H, W, 3) uint8, BGR.

    Source: the strong view of ScarceNet (Li & Lee, CVPR 2023, arXiv 2303.15023),
    after RandAugment (Cubuk et al., arXiv 1909.13719) in the form of FixMatch.

    Raises:
        ValueError: If an argument is out of range or ``img`` is of another kind.
    """

    def __init__(
        self,
        num_ops: int = 2,
        level: int = 10,
        num_holes: int = 6,
        hole_size: int = 32,
    ) -> None:
        if not 2 <= level <= 10:
            raise ValueError(
                f'PoseRandAugment: level must be 2..10, got {level}; '
                'levels are drawn from 1 up to one below it.'
            )
        if min(num_ops, num_holes, hole_size) < 0:
            raise ValueError(
                'PoseRandAugment: num_ops, num_holes and hole_size must not be '
                f'negative, got {num_ops}, {num_holes}, {hole_size}.'
            )
        self.num_ops = num_ops
        self.level = level
        self.num_holes = num_holes
        self.hole_size = hole_size

    def transform(self, results: dict) -> dict:
        """Replace ``img`` by its augmented copy."""
        image = ops.checked_image(results, type(self).__name__)
        for op in random.choices(list(OPS.values()), k=self.num_ops):
            level = np.random.randint(1, self.level)
            if random.random() < 0.5:
                image = op(image, int(level))
        if random.random() < 0.5:
            image = image.copy()
            for _ in range(self.num_holes):
                cut_out(image, self.hole_size)
        results['img'] = image
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_ops={self.num_ops}, level={self.level}, '
            f'num_holes={self.num_holes}, hole_size={self.hole_size})'
        )
