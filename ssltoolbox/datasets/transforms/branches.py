"""Make several views of one sample."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.dataset import Compose

from ssltoolbox.registry import FUNCTIONS, TRANSFORMS


@TRANSFORMS.register_module()
class Branches(BaseTransform):
    """Send copies of a sample through one pipeline per view.

    Args:
        branches: ``{view: [transform, ...]}``, run in this order; each pipeline ends
            with a packing transform. Usual views are ``sup``, ``weak``, ``strong`` and
            ``plain``.

    The sample's arrays are copied for each view, the image is shared: transforms
    replace an image, they do not draw into it.

    Raises:
        ValueError: There is no view; or there are several, and a transform may tear
            one of them apart (its attribute ``tears_image``; ``untorn`` says what to
            do about it).
    """

    def __init__(self, **branches: list[dict]) -> None:
        if not branches:
            raise ValueError(
                'Branches needs at least one view, for example strong=[...]'
            )
        self.branches = {name: Compose(steps) for name, steps in branches.items()}
        for name, pipeline in self.branches.items():
            for step in pipeline.transforms:
                if len(branches) > 1 and getattr(step, 'tears_image', False):
                    raise ValueError(
                        f'{type(step).__name__} in view {name!r} of Branches may put '
                        'parts of the image elsewhere, so that predictions could not '
                        f'be moved between {", ".join(branches)}. '
                        f'{getattr(step, "untorn", "Leave it out")}, or use one view.'
                    )

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': {view: image}, 'data_samples': {view: sample}}``."""
        views = {name: run(copied(results)) for name, run in self.branches.items()}
        return {
            key: {name: view[key] for name, view in views.items()}
            for key in ('inputs', 'data_samples')
        }


def copied(results: dict) -> dict:
    """Copy the arrays of a sample, but for its image."""
    return {
        key: value.copy() if isinstance(value, np.ndarray) and key != 'img' else value
        for key, value in results.items()
    }


@FUNCTIONS.register_module()
def branch_collate(batch: list[dict]) -> dict:
    """Collate samples of several views; a view may be absent from some samples.

    Args:
        batch: Outputs of :class:`Branches`.

    Returns:
        ``{'inputs': {view: list}, 'data_samples': {view: list}}``.

    Raises:
        ValueError: The samples have no views.
    """
    if not isinstance(batch[0]['inputs'], dict):
        raise ValueError(
            'branch_collate got samples of one view: end the pipeline with a '
            'ssltoolbox.Branches transform, or leave collate_fn out'
        )
    names = list(dict.fromkeys(name for sample in batch for name in sample['inputs']))
    return {
        key: {
            name: [sample[key][name] for sample in batch if name in sample[key]]
            for name in names
        }
        for key in ('inputs', 'data_samples')
    }
