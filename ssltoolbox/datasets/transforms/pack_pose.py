"""Pack a view of an instance for the network."""

import cv2
import numpy as np
import torch

from ssltoolbox.registry import TRANSFORMS

from mmpose.datasets.transforms import PackPoseInputs  # isort: skip

KEYS = (
    *('id', 'img_id', 'img_path', 'category_id', 'ori_shape', 'img_shape'),
    *('input_size', 'input_center', 'input_scale', 'flip', 'flip_indices'),
    *('view', 'labelled', 'truth'),
)


@TRANSFORMS.register_module()
class PackPoseView(PackPoseInputs):
    """mmpose's packing, with what moves predictions between views.

    Adds to the data sample's meta information ``view`` (3, 3), ``labelled`` and, where
    the data set knows it, ``truth`` (K, 3); to its ground truth
    ``transformed_keypoints`` (1, K, 2) in view pixels.
    """

    def __init__(self) -> None:
        super().__init__(meta_keys=(), pack_transformed=True)

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': (3, H, W) uint8, 'data_samples': sample}``."""
        image = results['img']
        # mmpose's own way to a tensor takes five times as long: it gets one pixel
        packed = super().transform(results | {'img': image[:1, :1]})
        planes = np.empty((image.shape[2], *image.shape[:2]), image.dtype)
        cv2.split(image, list(planes))
        packed['inputs'] = torch.from_numpy(planes)
        # one by one: set together, mmengine copies each of them, number by number
        for key in KEYS:
            if key in results:
                packed['data_samples'].set_field(
                    results[key], key, field_type='metainfo'
                )
        return packed
