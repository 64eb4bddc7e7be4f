"""Show a network hue, saturation and value in place of red, green and blue."""

import cv2
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from .colour_ops import checked_image

HSV = 'hsv'
"""Value of ``colour_space`` in the records of such images."""


@TRANSFORMS.register_module()
class ToHSV(BaseTransform):
    """Turn a BGR image into hue, saturation and value, each over 0..255.

    Hue is a circle, of which a network sees a line. The preprocessor must not exchange
    channels (``bgr_to_rgb=False``).

    Modifies ``img``: (H, W, 3) uint8. Adds ``colour_space``, ``'hsv'``.

    Source: Liu et al., CARE 2018. Differs in that all else, such as the brightness of
    points, is measured in BGR: the program reads hue of 0..255 as degrees there.
    """

    def transform(self, results: dict) -> dict:
        """Replace ``img``."""
        image = checked_image(results, type(self).__name__)
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV_FULL)
        return {**results, 'img': hsv, 'colour_space': HSV}
