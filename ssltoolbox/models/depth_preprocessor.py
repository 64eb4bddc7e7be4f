"""Normalise frames, and blank what does not show the scene."""

import torch
from mmengine.model import ImgDataPreprocessor

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class DepthDataPreprocessor(ImgDataPreprocessor):
    """mmengine's preprocessor, after which invalid pixels are 0, a middle grey.

    Args:
        kwargs: Those of mmengine's ``ImgDataPreprocessor``: ``mean``, ``std``,
            ``bgr_to_rgb``.
    """

    takes_normalised = True  # see BranchDataPreprocessor

    def forward(self, data: dict, training: bool = False) -> dict:
        """Return ``inputs`` (B, 3, H, W) and the samples, on the device."""
        data = super().forward(data, training)
        samples = data.get('data_samples')
        if samples and 'valid' in samples[0]:
            valid = torch.stack([sample.valid.data for sample in samples])
            data['inputs'] = data['inputs'] * valid.to(data['inputs'])
        return data
