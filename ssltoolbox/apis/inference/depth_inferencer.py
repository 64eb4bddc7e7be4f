"""Depth of images, folders, videos, arrays and sequences."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from mmengine import Config
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope

from ssltoolbox.apis.inference.depth_config import prediction_pipeline, window_settings
from ssltoolbox.apis.inference.depth_result import DepthResult, scaled_result
from ssltoolbox.apis.inference.depth_view import DepthView, record
from ssltoolbox.apis.inference.depth_windows import DepthWindows
from ssltoolbox.apis.inference.image_source import Frame, ImageSource, Input
from ssltoolbox.apis.model import Which, load_model
from ssltoolbox.apis.network_kind import network_kind

Known = Callable[[Frame], DepthResult | None]
"""Gives the depth of a frame that needs no prediction, else None."""

OF_CONFIG = 'as in the config'


@dataclass
class _Pending:
    frame: Frame
    view: DepthView | None = None
    result: DepthResult | None = None


class DepthInferencer:
    """Find the depth of every pixel with a trained network.

    The network sees what it saw in training: the window of the smaller picture that
    holds all that is valid, by the settings of the config. Where files of a sequence
    lie beside a picture, they give its mask, its camera, and, if structure from motion
    knows points in it, the scale; see
    :class:`~.depth_windows.DepthWindows`.

    Args:
        config (str | Path | Config): As in :func:`ssltoolbox.apis.model.load_model`.
        checkpoint (str | Path): Weights of that network.
        which (str): ``'auto'``, ``'student'`` or ``'teacher'``.
        device (str, optional): Such as ``'cuda:0'``; the GPU if there is one.
        batch_size (int): Images per forward pass, positive.
        mask (str | Path, optional): Image that is 255 where all pictures show the
            scene, instead of the masks beside them.
        intrinsics (Sequence[float], optional): fx, fy, cx, cy of all pictures in their
            pixels.
        downsampling (float, optional): By which pictures are made smaller, instead of
            that of the config; for cameras with more or fewer pixels.
        size (tuple | None): (width, height) of the window, by default that of the
            config. None: what holds all that is valid.
        use_sfm (bool): Use what structure from motion found, where it lies beside a
            picture.

    Raises:
        FileNotFoundError: If the config, the checkpoint or the mask does not exist.
        CheckpointError: If the checkpoint does not fit.
        ValueError: If the network finds no depth, or the config does not say how
            pictures are read.

    Example:
        >>> inferencer = DepthInferencer('config.py', 'last.pth')  # doctest: +SKIP
        >>> for result in inferencer('film.mp4'):  # doctest: +SKIP
        ...     print(result.frame, result.depth.max(), len(result.cloud(stride=2)))
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path,
        which: Which = 'auto',
        device: str | torch.device | None = None,
        batch_size: int = 8,
        mask: str | Path | None = None,
        intrinsics: Sequence[float] | None = None,
        downsampling: float | None = None,
        size: Sequence[int] | str | None = OF_CONFIG,
        use_sfm: bool = True,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be positive, got {batch_size}')
        if device is None:
            device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.batch_size = batch_size
        self.model, config = load_model(config, checkpoint, which, device)
        if network_kind(dict(type=type(self.model))) != 'depth':
            raise ValueError(
                f'{type(self.model).__name__}, the network of the config, finds no '
                'depth: expected ssltoolbox.DepthEstimator'
            )
        with DefaultScope.overwrite_default_scope(config.get('default_scope')):
            settings, of_config = window_settings(config, downsampling)
            self._pipeline = Compose(prediction_pipeline(config))
        chosen = of_config if isinstance(size, str) else size
        self.windows = DepthWindows(settings, chosen, mask, intrinsics, use_sfm)

    def __call__(
        self,
        images: Input | Sequence[Input] | ImageSource,
        known: Known = lambda frame: None,
    ) -> Iterator[DepthResult]:
        """Find the depth, one result per image or frame, in their order.

        Args:
            images (str | Path | np.ndarray | Sequence | ImageSource): Image file,
                folder, video, BGR array, or several; arrays are named 0, 1, ... Files
                are read as stored, not turned by their EXIF tag, for their mask and
                camera are not, either.
            known (Callable): Gives depth that is there already; it is passed on.

        Yields:
            DepthResult: The depth of the next image.

        Raises:
            FileNotFoundError: If an input, or a file of its sequence, does not exist.
            ValueError: If a picture and its mask differ in size, or a file of a
                sequence is damaged.
        """
        if not isinstance(images, ImageSource):
            images = frame_source(images)
        return self._results(images, known)

    def _results(self, frames: ImageSource, known: Known) -> Iterator[DepthResult]:
        files = {name: item for name, item in frames.items if isinstance(item, Path)}
        waiting: deque[_Pending] = deque()
        batch: list[_Pending] = []
        for frame in frames:
            pending = _Pending(frame, result=known(frame))
            if pending.result is None:
                pending.view = self.windows.look(frame, files.get(frame.file))
                if batch and batch[0].view.mask.shape != pending.view.mask.shape:
                    self._predict(batch)
                    batch = []
                batch.append(pending)
            waiting.append(pending)
            # known ones may queue behind a batch that is never filled
            if len(batch) == self.batch_size or len(waiting) > 4 * self.batch_size:
                self._predict(batch)
                batch = []
            while waiting and waiting[0].result is not None:
                yield waiting.popleft().result
        self._predict(batch)
        yield from (pending.result for pending in waiting)

    @torch.inference_mode()
    def _predict(self, batch: list[_Pending]) -> None:
        if not batch:
            return
        packed = [self._pipeline(record(each.frame, each.view)) for each in batch]
        data = {key: [each[key] for each in packed] for key in packed[0]}
        samples = self.model.test_step(data)
        for pending, sample in zip(batch, samples, strict=True):
            depth = sample.pred_depth.data[None].float().cpu()
            pending.result = scaled_result(pending.frame, pending.view, depth)


def frame_source(inputs: Input | Sequence[Input]) -> ImageSource:
    """Pictures of the inputs, without the masks of sequences.

    Raises:
        FileNotFoundError: An input does not exist, or a folder has no picture.
    """
    source = ImageSource(inputs, upright=False)
    items = [item for item in source.items if not _is_mask(item[0])]
    if not items:
        raise FileNotFoundError(f'{inputs} holds no picture but masks')
    source.items = items
    return source


def _is_mask(name: str) -> bool:
    return Path(name).stem == 'undistorted_mask'
