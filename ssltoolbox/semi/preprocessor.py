"""Preprocess every branch of a batch with the network's own preprocessor."""

from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class BranchDataPreprocessor(BaseDataPreprocessor):
    """Normalise a batch that holds several views of each image.

    Args:
        base: Config of the upstream preprocessor, such as ``PoseDataPreprocessor``.

    Shapes:
        ``inputs`` is a list of images, or ``{view: list of images}``, and
        ``data_samples`` alike; the result has tensors (B, 3, H, W) in place of lists.
    """

    def __init__(self, base: dict, non_blocking: bool = True) -> None:
        super().__init__(non_blocking)
        self.base = MODELS.build(base)
        if 'non_blocking' not in base:
            # mmengine's field, which mmseg's preprocessor does not hand on
            self.base._non_blocking = non_blocking
        # mmengine and mmseg swap channels by a list as index, and for each image the
        # host waits until a GPU has done all that it was given before
        self.swap_channels = getattr(self.base, '_channel_conversion', False)
        self.base._channel_conversion = False

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess one batch from the data loader."""
        if not isinstance(data['inputs'], dict):
            return self._view(data, training)
        views = {
            name: self._view(
                {'inputs': inputs, 'data_samples': data['data_samples'][name]}, training
            )
            for name, inputs in data['inputs'].items()
        }
        return {
            key: {name: view[key] for name, view in views.items()}
            for key in ('inputs', 'data_samples')
        }

    def _view(self, data: dict, training: bool) -> dict:
        if self.swap_channels:
            images = self.base.cast_data(data['inputs'])
            data = data | {'inputs': [_swapped(image) for image in images]}
        return self.base(data, training)


def _swapped(image: Tensor) -> Tensor:
    """Swap red and blue of (3, H, W); other numbers of channels stay as they are."""
    return image.flip(0) if len(image) == 3 else image
