"""The published change of colours of surgical images: one, and a weak one."""

from collections.abc import Callable, Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from . import colour_ops as ops

POOL: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    'brightness': ops.brightness,
    'contrast': ops.contrast,
    'saturation': ops.color,
    'equalize': lambda image, factor: ops.equalize_luma(image),
    'blur': ops.sharpness,
    'none': lambda image, factor: image,
}
"""``{name: op(BGR image, factor)}``; below 1 each weakens what it is named after, and
``blur`` the sharpness."""


@TRANSFORMS.register_module()
class SurgicalColour(BaseTransform):
    """Change the colours of a view by one operation; keypoints stay where they are.

    Operation and factor are drawn uniformly, from the global generator of
    ``numpy.random``. Of factor 1 nothing changes, of 0 nothing is left.

    Args:
        names: Operations to draw from, as often as they are named: those of
            :data:`POOL`.
        factor: Least and largest factor, 0..1.

    Modifies ``img``: (H, W, 3) uint8, BGR.

    Source: Kayhan et al., arXiv 1912.04618, for RMIT. No difference.

    Raises:
        ValueError: If an argument is out of range or ``img`` is of another kind.
    """

    def __init__(
        self,
        names: Sequence[str] = tuple(POOL),
        factor: tuple[float, float] = (0.7, 1.0),
    ) -> None:
        if not names or isinstance(names, str) or not set(names) <= set(POOL):
            raise ValueError(
                f'SurgicalColour: names is a list of names out of {tuple(POOL)}, got '
                f'{names!r}'
            )
        if len(factor) != 2 or not 0 <= factor[0] <= factor[1] <= 1:
            raise ValueError(
                f'SurgicalColour: factor is (least, largest) in 0..1, got {factor!r}'
            )
        self.names, self.factor = tuple(names), tuple(factor)

    def transform(self, results: dict) -> dict:
        """Replace ``img`` by its changed copy."""
        image = ops.checked_image(results, type(self).__name__)
        name = self.names[np.random.randint(len(self.names))]
        results['img'] = POOL[name](image, float(np.random.uniform(*self.factor)))
        return results
