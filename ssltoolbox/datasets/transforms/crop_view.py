"""Crop an instance, and record where every pixel came from."""

import random

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.geometry.view import crop_matrix
from ssltoolbox.registry import TRANSFORMS


@TRANSFORMS.register_module()
class CropView(BaseTransform):
    """Crop the box of an instance; mirror, scale, rotation and crop are one matrix.

    Required keys: ``img``, ``bbox_center``, ``bbox_scale`` (image pixels, padded),
    ``keypoints`` (1, K, 2), ``keypoints_visible`` (1, K), ``flip_indices``.

    Added keys: ``view`` (3, 3) float64, ``transformed_keypoints`` in view pixels, and
    mmpose's ``input_size``, ``input_center``, ``input_scale``. In a mirrored view left
    and right keypoints are exchanged.

    Args:
        input_size: (w, h) of the view in pixels.

    Raises:
        ValueError: A sample has a ``pseudo_map``, which is that of a whole image.
    """

    def __init__(self, input_size: tuple[int, int]) -> None:
        self.input_size = (input_size[0], input_size[1])

    def transform(self, results: dict) -> dict:
        """Crop without augmentation."""
        return self.crop(results, scale=1.0, rotation=0.0, mirror=False)

    def crop(self, results: dict, scale: float, rotation: float, mirror: bool) -> dict:
        """Crop with a given scale factor, rotation in degrees, and mirroring."""
        if 'pseudo_map' in results:
            raise ValueError(
                f'{type(self).__name__} cannot move the pseudo_map of '
                f'{results.get("img_path", "an image")}: use ImageView, which sees the '
                'whole image'
            )
        w, h = self.input_size
        box = results['bbox_scale'][0]
        box = np.maximum(box, (box[1] * w / h, box[0] * h / w)) * scale
        center = results['bbox_center'][0]
        width = results['img'].shape[1] if mirror else None
        view = crop_matrix(center, box, rotation, self.input_size, width)
        results['img'] = cv2.warpAffine(
            results['img'], view[:2], self.input_size, flags=cv2.INTER_LINEAR
        )
        if mirror:
            partners = results['flip_indices']
            for key in ('keypoints', 'keypoints_visible'):
                results[key] = results[key][:, partners]
        points = results['keypoints'].astype(np.float64)
        results['transformed_keypoints'] = points @ view[:2, :2].T + view[:2, 2]
        results.update(
            view=view,
            input_size=self.input_size,
            input_center=center,
            input_scale=box,
            bbox_scale=box[None],
            bbox_rotation=np.array([rotation]),
            flip=mirror,
            flip_direction='horizontal' if mirror else None,
        )
        return results


@TRANSFORMS.register_module()
class RandomView(CropView):
    """Crop with random scale, rotation and mirroring.

    The scale factor is ``clip(1 + scale N, 1 - scale, 1 + scale)``, the rotation
    ``clip(rotation N, -2 rotation, 2 rotation)``, with N standard normal.

    Args:
        input_size: (w, h) of the view in pixels.
        scale: Spread of the scale factor, as a share.
        rotation: Spread of the rotation, in degrees.
        rotation_prob: Probability of rotating at all.
        flip_prob: Probability of mirroring.

    Source: ScarceNet, CVPR 2023; order and kind of its random draws are kept.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        scale: float = 0.5,
        rotation: float = 40.0,
        rotation_prob: float = 0.6,
        flip_prob: float = 0.5,
    ) -> None:
        super().__init__(input_size)
        self.scale, self.rotation = scale, rotation
        self.rotation_prob, self.flip_prob = rotation_prob, flip_prob

    def transform(self, results: dict) -> dict:
        """Draw a view and crop it."""
        spread = self.scale
        scale = np.clip(np.random.randn() * spread + 1, 1 - spread, 1 + spread)
        rotation = 0.0
        if random.random() <= self.rotation_prob:
            limit = 2 * self.rotation
            rotation = float(np.clip(np.random.randn() * self.rotation, -limit, limit))
        mirror = random.random() <= self.flip_prob
        return self.crop(results, scale, rotation, mirror)
