"""What the pictures of all tasks start from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch

Columns = tuple[dict[str, list[np.ndarray]], list[str], dict[str, np.ndarray]]
"""Pictures by heading, one for each sample; a line for each sample; a legend."""


@dataclass(frozen=True)
class Shown:
    """The samples of a batch that are drawn.

    Args:
        rows (list[int]): Their places in the batch.
        views (dict[str, Batch]): The batch in its views.
        images (dict[str, list[np.ndarray]]): Of each view, one (H, W, 3) uint8 BGR
            image for each of them.
        meta (dict): Meta information of the data set.
    """

    rows: list[int]
    views: dict[str, Batch]
    images: dict[str, list[np.ndarray]]
    meta: dict[str, Any]

    def name_of(self, label: PseudoLabel) -> str:
        """Name the view that a label is in."""
        return next(n for n, batch in self.views.items() if batch.view is label.view)

    def subject(self, row: int) -> str:
        """Say which sample it is, such as ``image 7, unlabelled``."""
        batch = self.views['strong']
        kind = 'labelled' if batch.labelled[row] else 'unlabelled'
        image = batch.samples[row].metainfo.get('img_id', '?')
        return f'image {image}, {kind}'


def to_array(value: Tensor) -> np.ndarray:
    """Copy a tensor to the host; floats become float32."""
    value = value.float() if value.is_floating_point() else value
    return value.cpu().numpy()
