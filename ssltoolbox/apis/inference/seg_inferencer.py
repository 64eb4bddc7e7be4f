"""Masks of images, folders, videos and arrays, by one network or several."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine import Config

from ssltoolbox.apis.inference.image_source import Frame, ImageSource, Input
from ssltoolbox.apis.inference.seg_result import SegResult
from ssltoolbox.apis.inference.segmentor import Segmentor
from ssltoolbox.checkpoints.network_names import Which
from ssltoolbox.semi.fusion import Vote, decide, fuse

Known = Callable[[Frame], np.ndarray | None]
"""Gives the classes (H, W) uint8 of a frame that needs no prediction, else None."""


@dataclass
class _Pending:
    frame: Frame
    classes: np.ndarray | None
    confidence: np.ndarray | None = None


class SegInferencer:
    """Find the class of every pixel with trained networks.

    Images are read as in the config's test data, and masks have the size of the image.
    Several networks, and views of one, vote by the mean of their probabilities, as in
    :func:`~ssltoolbox.semi.fusion.fuse`. Any plain config and checkpoint of mmseg
    works, too, but for views: those need ``ssltoolbox.ImageView`` in its pipeline.

    Args:
        config (str | Path | Config): As in :func:`ssltoolbox.apis.model.load_model`.
        checkpoint (str | Path): Weights of that network.
        which (str): ``'auto'`` (the teacher if there is one), ``'student'`` or
            ``'teacher'``; of further members, too.
        device (str, optional): Such as ``'cuda:0'``; the GPU if there is one.
        batch_size (int): Images per forward pass, positive.
        views (Sequence[str | dict]): Fixed views through which every network looks
            besides the plain one, such as ``['flip_lr']``.
        members (Sequence[tuple]): Config and checkpoint of each further network of an
            ensemble, of the same classes; they may have inputs of other sizes.
        weights (Sequence[float], optional): What each network counts, the first one
            too; ones by default.

    Attributes:
        meta (dict): ``classes``, ``palette`` and ``codes`` as far as they are known.
        num_classes (int): C.

    Raises:
        FileNotFoundError: If a config or checkpoint does not exist.
        CheckpointError: If a checkpoint does not fit.
        ValueError: If a network is of another task or of other classes.

    Example:
        >>> inferencer = SegInferencer('config.py', 'best.pth')  # doctest: +SKIP
        >>> for result in inferencer('photos/'):  # doctest: +SKIP
        ...     print(result.file, result.areas(inferencer.num_classes))
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path,
        which: Which = 'auto',
        device: str | torch.device | None = None,
        batch_size: int = 8,
        views: Sequence[str | dict] = (),
        members: Sequence[tuple[str | Path | Config, str | Path]] = (),
        weights: Sequence[float] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be positive, got {batch_size}')
        pairs = [(config, checkpoint), *members]
        self.weights = [1.0] * len(pairs) if weights is None else list(weights)
        if len(self.weights) != len(pairs) or min(self.weights) <= 0:
            raise ValueError(
                f'weights has {self.weights} for {len(pairs)} networks: give each of '
                'them a number above 0'
            )
        if device is None:
            device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.batch_size, self.views = batch_size, list(views)
        self.networks = [Segmentor(*pair, which, device, views) for pair in pairs]
        self.num_classes = self.networks[0].num_classes
        self.meta = _common_meta(self.networks, [str(path) for _, path in pairs])

    def __call__(
        self,
        images: Input | Sequence[Input] | ImageSource,
        known: Known = lambda frame: None,
    ) -> Iterator[SegResult]:
        """Make the masks, one result per image or frame, in their order.

        Args:
            images (str | Path | np.ndarray | Sequence | ImageSource): Image file,
                folder, video, BGR array, or several; arrays are named 0, 1, ... Files
                are read as stored, not turned by their EXIF tag, so that a mask fits
                its file.
            known (Callable): Gives masks that are there already; they are passed on.

        Yields:
            SegResult: The mask of the next image.

        Raises:
            FileNotFoundError: If an input does not exist.
        """
        if not isinstance(images, ImageSource):
            images = ImageSource(images, upright=False)
        return self._results(images, known)

    def _results(self, frames: ImageSource, known: Known) -> Iterator[SegResult]:
        waiting: deque[_Pending] = deque()
        batch: list[_Pending] = []
        for frame in frames:
            pending = _Pending(frame, known(frame))
            waiting.append(pending)
            if pending.classes is None:
                batch.append(pending)
            # known ones may queue behind a batch that is never filled
            if len(batch) == self.batch_size or len(waiting) > 4 * self.batch_size:
                self._predict(batch)
                batch = []
            while waiting and waiting[0].classes is not None:
                yield _result(waiting.popleft())
        self._predict(batch)
        yield from map(_result, waiting)

    @torch.inference_mode()
    def _predict(self, batch: list[_Pending]) -> None:
        if not batch:
            return
        frames = [pending.frame for pending in batch]
        shares = [network.probabilities(frames) for network in self.networks]
        for pending, given in zip(batch, zip(*shares, strict=True), strict=True):
            votes = (Vote(s[None], w) for s, w in zip(given, self.weights, strict=True))
            classes, confidence = decide(fuse(votes).share[0])
            pending.classes = classes.byte().cpu().numpy()
            pending.confidence = confidence.cpu().numpy()


def _result(pending: _Pending) -> SegResult:
    frame = pending.frame
    return SegResult(
        frame.file, frame.index, frame.image, pending.classes, pending.confidence
    )


def _common_meta(networks: Sequence[Segmentor], paths: list[str]) -> dict[str, Any]:
    """Meta information of the first; refuses an ensemble of different classes."""
    first, *others = (
        (network.num_classes, tuple(network.meta.get('classes') or ()))
        for network in networks
    )
    for other, path in zip(others, paths[1:], strict=True):
        if other[0] != first[0] or (first[1] and other[1] and other[1] != first[1]):
            named = [
                ', '.join(names) or f'{count} classes'
                for count, names in (first, other)
            ]
            raise ValueError(
                f'the networks of an ensemble must have the same classes, but '
                f'{paths[0]} has {named[0]}, and {path} has {named[1]}'
            )
    meta = dict(networks[0].meta)
    given = len(meta.get('classes') or ())
    if given and given != first[0]:
        raise ValueError(
            f'the network of {paths[0]} has {first[0]} classes, its data set names '
            f'{given}: correct num_classes or metainfo in the config'
        )
    return meta if given else meta | dict(classes=_numbered(first[0]))


def _numbered(count: int) -> list[str]:
    return [f'class{i}' for i in range(count)]
