"""What the samples of one view carry, gathered on the device of their images."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.geometry.view import View
from ssltoolbox.tasks.base import Batch


def gather(
    inputs: Tensor, samples: list, flip_indices: Sequence[int] | None = None
) -> Batch:
    """Make the batch of one view, with as few copies to the device as there can be.

    Args:
        inputs: (B, 3, H, W) normalised images.
        samples: B data samples; their meta information has ``view`` (3, 3), image
            pixels -> view pixels, and may say ``labelled``, True where it does not.
        flip_indices: Mirror partner of each keypoint, channel or class, or None.

    Raises:
        KeyError: A sample does not say how its image was cropped.
    """
    meta = [sample.metainfo for sample in samples]
    blind = next((m for m in meta if 'view' not in m), None)
    if blind is not None:
        raise KeyError(
            f'the sample of {blind.get("img_path", "an image")} has no `view`, so '
            'predictions cannot be moved into it: make it by a transform such as '
            'ssltoolbox.ImageView or ssltoolbox.CropView, and pack it by '
            'ssltoolbox.PackPoseView or ssltoolbox.PackSegView'
        )
    host = np.stack([m['view'] for m in meta])
    labelled = torch.tensor([bool(m.get('labelled', True)) for m in meta])
    flip = None if flip_indices is None else torch.tensor(flip_indices)
    matrix, labelled, flip = (
        None if t is None else t.to(inputs.device, non_blocking=True)
        for t in (torch.from_numpy(host), labelled, flip)
    )
    size = (inputs.shape[-1], inputs.shape[-2])
    return Batch(inputs, samples, View(matrix, size, host), labelled, flip)


def join(batches: Sequence[Batch]) -> Batch:
    """Put batches of one size one after the other, for one pass over all of them."""
    views = [batch.view for batch in batches]
    hosts = [view.host for view in views if view.host is not None]
    host = np.concatenate(hosts) if len(hosts) == len(views) else None
    return Batch(
        torch.cat([batch.inputs for batch in batches]),
        [sample for batch in batches for sample in batch.samples],
        View(torch.cat([view.matrix for view in views]), views[0].size, host),
        torch.cat([batch.labelled for batch in batches]),
        batches[0].flip_indices,
    )


def to_device(rows: Sequence, like: Tensor) -> Tensor:
    """Stack arrays of one shape into a float32 tensor on the device of another."""
    table = torch.from_numpy(np.stack(rows).astype(np.float32))
    return table.to(like.device, non_blocking=True)
