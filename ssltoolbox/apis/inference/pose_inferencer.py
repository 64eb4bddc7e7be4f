"""Poses in images, folders, videos and arrays, in batches over all their inputs."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from ssltoolbox.apis.inference.boxes import Boxes
from ssltoolbox.apis.inference.front_ends import (
    BoxFrontEnd,
    Found,
    FrontEnd,
    WholeImageFrontEnd,
    takes_boxes,
)
from ssltoolbox.apis.inference.image_source import Frame, ImageSource, Input
from ssltoolbox.apis.inference.pose_result import PoseResult
from ssltoolbox.apis.model import Which, load_model, network_config


@dataclass
class _Pending:
    """A frame of which some records are in batches that have not run yet."""

    frame: Frame
    records: list[dict]
    outputs: list[Found] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return len(self.outputs) == len(self.records)


class PoseInferencer:
    """Find the poses in images with a trained network.

    Crops and flip test are those of the config's validation. A network with a pipeline
    that crops at boxes gives one pose for each; one that takes whole images gives as
    many as it finds. Any plain config and checkpoint of mmpose works, too.

    Args:
        config (str | Path | Config): As in :func:`ssltoolbox.apis.model.load_model`.
        checkpoint (str | Path): Weights of that network.
        which (str): ``'auto'`` (the teacher if there is one), ``'student'`` or
            ``'teacher'``.
        device (str, optional): Such as ``'cuda:0'``; the GPU if there is one.
        batch_size (int): Boxes or whole images per forward pass, positive.

    Attributes:
        takes_boxes (bool): Whether it crops at boxes.

    Raises:
        FileNotFoundError: If config or checkpoint does not exist.
        CheckpointError: If the checkpoint does not fit.
        ValueError: If the network is of another task.

    Example:
        >>> inferencer = PoseInferencer('config.py', 'best.pth')  # doctest: +SKIP
        >>> for result in inferencer('photos/'):  # doctest: +SKIP
        ...     print(result.file, result.keypoints.shape)
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path,
        which: Which = 'auto',
        device: str | torch.device | None = None,
        batch_size: int = 16,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be positive, got {batch_size}')
        if device is None:
            device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.model, self.config = load_model(config, checkpoint, which, device)
        if not hasattr(self.model, 'head'):
            raise ValueError(
                f'{type(self.model).__name__}, the network of the config, finds no '
                'poses: ssltoolbox.apis.SegInferencer makes masks of a segmentor, '
                'or by tools/infer.py'
            )
        self.batch_size = batch_size
        self.meta: dict[str, Any] = self.model.dataset_meta or {}
        outputs = getattr(self.model.head, 'out_channels', 0)
        self.num_keypoints: int = self.meta.get('num_keypoints', outputs)
        with DefaultScope.overwrite_default_scope(
            self.config.get('default_scope', 'mmpose')
        ):
            pipeline = _prediction_pipeline(self.config)
            self._pipeline = Compose(pipeline)
        self.takes_boxes = takes_boxes(pipeline)

    def __call__(
        self,
        images: Input | Sequence[Input] | ImageSource,
        boxes: str | Path | dict | Boxes | None = None,
    ) -> Iterator[PoseResult]:
        """Find the poses, one result per image or frame, in their order.

        Args:
            images (str | Path | np.ndarray | Sequence | ImageSource): Image file,
                folder, video, BGR array, or several; arrays are named 0, 1, ...
            boxes (str | Path | dict | Boxes, optional): As in
                :class:`~.boxes.Boxes`; by default the whole image.

        Yields:
            PoseResult: N is 0 for images without a box, and for whole images in which
            nothing was found.

        Raises:
            FileNotFoundError: If an input does not exist.
            ValueError: If boxes are given to a network that takes whole images.
        """
        boxes = boxes if isinstance(boxes, Boxes) else Boxes(boxes)
        if not isinstance(images, ImageSource):
            images = ImageSource(images, upright=boxes.whole)
        return self._results(images, self._front_end(boxes))

    def _front_end(self, boxes: Boxes) -> FrontEnd:
        if self.takes_boxes:
            return BoxFrontEnd(boxes, self.meta, self.num_keypoints)
        if not boxes.whole:
            raise ValueError(
                f'{boxes.name}: this network finds all poses of a whole image by '
                'itself and takes no boxes; leave them out'
            )
        return WholeImageFrontEnd(self.meta, self.num_keypoints)

    def _results(self, frames: ImageSource, look: FrontEnd) -> Iterator[PoseResult]:
        waiting: deque[_Pending] = deque()
        inputs: list[tuple[_Pending, dict]] = []
        for frame in frames:
            pending = _Pending(frame, look.records(frame))
            waiting.append(pending)
            for record in pending.records:
                inputs.append((pending, self._pipeline(dict(record))))
                if len(inputs) == self.batch_size:
                    self._predict(inputs, look)
                    inputs = []
            while waiting and waiting[0].complete:
                yield _result(waiting.popleft(), look)
        if inputs:
            self._predict(inputs, look)
        for pending in waiting:
            yield _result(pending, look)

    @torch.inference_mode()
    def _predict(self, inputs: list[tuple[_Pending, dict]], look: FrontEnd) -> None:
        samples = self.model.test_step(pseudo_collate([each for _, each in inputs]))
        for (pending, _), sample in zip(inputs, samples, strict=True):
            pending.outputs.append(look.read(sample.pred_instances))


def _result(pending: _Pending, look: FrontEnd) -> PoseResult:
    return look.result(pending.frame, pending.records, pending.outputs)


def _prediction_pipeline(config: Config) -> list[dict]:
    """Take the pipeline of the test data, else make one for the codec's input."""
    for subset in ('test', 'val'):
        dataset = (config.get(f'{subset}_dataloader') or {}).get('dataset') or {}
        if dataset.get('pipeline'):
            return dataset['pipeline']
    codec = network_config(config).get('head', {}).get('decoder')
    codec = codec[-1] if isinstance(codec, list) else codec
    if not codec or 'input_size' not in codec:
        raise ValueError(
            f'{config.filename or "config"}: cannot tell how to crop images; expected '
            'val_dataloader.dataset.pipeline or model.head.decoder.input_size'
        )
    udp = 'UDP' in str(codec['type'])
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=codec['input_size'], use_udp=udp),
        dict(type='PackPoseInputs'),
    ]
