"""Preprocess every branch of a batch with the network's own preprocessor."""

from mmengine.model import BaseDataPreprocessor

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

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess one batch from the data loader."""
        if not isinstance(data['inputs'], dict):
            return self.base(data, training)
        views = {
            name: self.base(
                {'inputs': inputs, 'data_samples': data['data_samples'][name]}, training
            )
            for name, inputs in data['inputs'].items()
        }
        return {
            key: {name: view[key] for name, view in views.items()}
            for key in ('inputs', 'data_samples')
        }
