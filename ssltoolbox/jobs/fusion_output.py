"""What a fusion leaves of an image: a mask, or the probabilities themselves."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ssltoolbox.semi.fusion import decide
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.semi.mask_store import MaskStore, write_mask

RATES = 'disagreement', 'kept'
"""Shares of the pixels of an image that a store keeps beside its confidence."""


class Cells(NamedTuple):
    """How the finest of the networks' maps lie in the view."""

    height: int
    width: int
    align_corners: bool


class Found(NamedTuple):
    """What is kept of one image.

    Attributes:
        arrays: What is written, on the host.
        confidence: Mean over pixels of the highest probability.
        kept: Share of the pixels that have a class.
    """

    arrays: tuple[np.ndarray, ...]
    confidence: float
    kept: float


class FusionOutput(ABC):
    """A kind of store that fused probabilities go to."""

    store: Any

    @abstractmethod
    def found(self, share: Tensor, size: tuple[int, int], cells: Cells) -> Found:
        """Find what is kept of an image.

        Args:
            share: (C, h, w) fused probabilities in the plain view.
            size: (height, width) of the image.
            cells: Those of the networks' maps.
        """

    @abstractmethod
    def write(self, store: Path, img_id: int, found: Found, accepted: bool) -> None:
        """Write what is kept of an image into the store."""

    @abstractmethod
    def load(self, store: Any, img_id: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Classes and confidences, uint8, of an image of a finished store, if any."""

    def finish(
        self, folder: Path, records: np.ndarray, names: Sequence[str], meta: dict
    ) -> Any:
        """Complete a store of this kind from the records of all images."""
        about = [
            dict(name=name, **{key: float(each[key]) for key in RATES})
            for name, each in zip(names, records, strict=True)
        ]
        columns = (records[key] for key in ('id', 'confidence', 'accepted'))
        return self.store.write(folder, *columns, meta, about)


class MaskOutput(FusionOutput):
    """Classes and confidences in the size of the image.

    Args:
        threshold: Pixels of a lower confidence have no class.
    """

    store = MaskStore

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def found(self, share, size, cells) -> Found:  # noqa: D102
        if share.shape[-2:] != size:
            # a pixel of the plain view stands for the area under it
            share = F.interpolate(share[None], size, mode='bilinear')[0]
        classes, confidence = decide(share, self.threshold)
        kept = (confidence >= self.threshold).double().mean()
        arrays = classes.to(torch.uint8), (confidence * 255).round().to(torch.uint8)
        mean = confidence.double().mean()
        return Found(tuple(a.cpu().numpy() for a in arrays), float(mean), float(kept))

    def write(self, store, img_id, found, accepted) -> None:  # noqa: D102
        write_mask(store, img_id, *found.arrays)

    def load(self, store, img_id) -> tuple[np.ndarray, np.ndarray]:  # noqa: D102
        return store.load(img_id)


class MapOutput(FusionOutput):
    """Probabilities in the size of the finest of the networks' maps."""

    store = MapStore

    def found(self, share, size, cells) -> Found:  # noqa: D102
        confidence = share.amax(0).double().mean()
        height, width, align_corners = cells
        if share.shape[-2:] != (height, width):
            share = F.interpolate(
                share[None],
                (height, width),
                mode='bilinear',
                align_corners=align_corners,
            )[0]
        return Found((share.half().cpu().numpy(),), float(confidence), 1.0)

    def write(self, store, img_id, found, accepted) -> None:  # noqa: D102
        if accepted:
            write_maps(store, img_id, *found.arrays)

    def load(self, store, img_id) -> tuple[np.ndarray, np.ndarray] | None:  # noqa: D102
        if img_id not in store.accepted:
            return None
        share = store.load(img_id)
        confidence = np.rint(share.max(0).clip(0, 1) * 255)
        return share.argmax(0).astype(np.uint8), confidence.astype(np.uint8)
