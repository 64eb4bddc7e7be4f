"""Preprocess every branch of a batch with the network's own preprocessor."""

import copy
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from mmengine.structures import BaseDataElement
from torch import Tensor

from ssltoolbox.registry import MODELS

UPSTREAM = ('mmengine', 'mmpose', 'mmseg')


@MODELS.register_module()
class BranchDataPreprocessor(BaseDataPreprocessor):
    """Normalise a batch that holds several views of each image.

    The result is bit by bit that of the network's own preprocessor. What makes a GPU
    wait is done in another way: channels are swapped without an index that is copied
    from the host, images of one size are normalised at once, and data samples move to
    the device without a copy of what is no tensor. A preprocessor with a ``forward`` of
    its own swaps and normalises itself, unless it says ``takes_normalised = True``.

    Args:
        base: Config of the upstream preprocessor, such as ``PoseDataPreprocessor``.
        non_blocking: Whether the host goes on while images are copied to the device.

    Shapes:
        ``inputs`` is a list of images, or ``{view: list of images}``, and
        ``data_samples`` alike; the result has tensors (B, 3, H, W) in place of lists.
    """

    def __init__(self, base: dict, non_blocking: bool = True) -> None:
        super().__init__(non_blocking)
        self.base = MODELS.build(base)
        self.base.cast_data = _as_it_is
        self.swaps = self.normalises = False
        upstream = type(self.base).forward.__module__.split('.')[0] in UPSTREAM
        if upstream or getattr(self.base, 'takes_normalised', False):
            self.swaps = self.base._channel_conversion
            self.normalises = self.base._enable_normalize
            self.base._channel_conversion = self.base._enable_normalize = False

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess one batch from the data loader."""
        data = self.cast_data(data)
        if not isinstance(data['inputs'], dict):
            return self._view(data['inputs'], data.get('data_samples'), training)
        views = {
            name: self._view(inputs, data['data_samples'][name], training)
            for name, inputs in data['inputs'].items()
        }
        return {
            key: {name: view[key] for name, view in views.items()}
            for key in ('inputs', 'data_samples')
        }

    def undo(self, inputs: Tensor) -> Tensor:
        """Give the images (B, 3, H, W) of a view as they were loaded, 0 to 255."""
        if self.normalises or getattr(self.base, '_enable_normalize', False):
            inputs = inputs * self.base.std + self.base.mean
        if self.swaps or getattr(self.base, '_channel_conversion', False):
            inputs = inputs.flip(1)
        return inputs

    def cast_data(self, data: Any) -> Any:
        """Move tensors to the device; samples there are not those that were given."""
        if isinstance(data, BaseDataElement):
            return self._moved(data)
        return super().cast_data(data)

    def _moved(self, sample: BaseDataElement) -> BaseDataElement:
        # mmengine's .to() makes deep copies of all metadata
        moved = copy.copy(sample)
        for fields in ('_metainfo_fields', '_data_fields'):
            object.__setattr__(moved, fields, set(getattr(sample, fields)))
        for name, value in sample.items():
            if isinstance(value, Tensor | BaseDataElement):
                object.__setattr__(moved, name, self.cast_data(value))
        return moved

    def _view(self, images: list, samples: list | None, training: bool) -> dict:
        if self.swaps or self.normalises:
            if len({image.shape for image in images}) == 1:
                images = list(self._normalised(torch.stack(list(images))))
            else:
                images = [self._normalised(image) for image in images]
        return self.base({'inputs': images, 'data_samples': samples}, training)

    def _normalised(self, images: Tensor) -> Tensor:
        if self.swaps and images.shape[-3] == 3:
            images = images.flip(-3)
        images = images.float()
        if self.normalises:
            images = (images - self.base.mean) / self.base.std
        return images


def _as_it_is(data: Any) -> Any:
    return data
