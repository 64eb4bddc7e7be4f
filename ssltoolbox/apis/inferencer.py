"""Poses in images, folders, videos and arrays, in batches over all boxes."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from ssltoolbox.apis.boxes import Boxes
from ssltoolbox.apis.image_source import Frame, ImageSource, Input
from ssltoolbox.apis.model import Which, load_model, network_config


@dataclass
class PoseResult:
    """What was found in one image or video frame.

    Args:
        file (str): Path relative to the folder given, else the file's name.
        frame (int): Frame number in a video from 0; 0 for still images.
        image (np.ndarray): (H, W, 3) uint8, BGR: the picture itself.
        boxes (np.ndarray): (N, 4) x1, y1, x2, y2 in image px, float32.
        box_scores (np.ndarray): (N,) in [0, 1].
        keypoints (np.ndarray): (N, K, 2) x, y in image px, float32.
        scores (np.ndarray): (N, K) confidence of each joint, about [0, 1].
    """

    file: str
    frame: int
    image: np.ndarray
    boxes: np.ndarray
    box_scores: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray


@dataclass
class _Pending:
    """A frame whose boxes are partly in batches that have not run yet."""

    frame: Frame
    boxes: np.ndarray
    box_scores: np.ndarray
    outputs: list = field(default_factory=list)


class PoseInferencer:
    """Find the poses in images with a trained network.

    Crops and flip test are those of the config's validation. Any plain config and
    checkpoint of mmpose works, too.

    Args:
        config (str | Path | Config): As in :func:`ssltoolbox.apis.model.load_model`.
        checkpoint (str | Path): Weights of that network.
        which (str): ``'auto'`` (the teacher if there is one), ``'student'`` or
            ``'teacher'``.
        device (str, optional): Such as ``'cuda:0'``; the GPU if there is one.
        batch_size (int): Boxes per forward pass, positive.

    Raises:
        FileNotFoundError: If config or checkpoint does not exist.
        CheckpointError: If the checkpoint does not fit.

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
        self.batch_size = batch_size
        self.meta: dict[str, Any] = self.model.dataset_meta or {}
        outputs = getattr(self.model.head, 'out_channels', 0)
        self.num_keypoints: int = self.meta.get('num_keypoints', outputs)
        with DefaultScope.overwrite_default_scope(
            self.config.get('default_scope', 'mmpose')
        ):
            self._pipeline = Compose(_prediction_pipeline(self.config))

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
                :class:`~ssltoolbox.apis.boxes.Boxes`; by default the whole image.

        Yields:
            PoseResult: N is 0 for images without a box.

        Raises:
            FileNotFoundError: If an input does not exist.
        """
        boxes = boxes if isinstance(boxes, Boxes) else Boxes(boxes)
        if not isinstance(images, ImageSource):
            images = ImageSource(images, upright=boxes.whole)
        return self._results(images, boxes)

    def _results(self, frames: ImageSource, boxes: Boxes) -> Iterator[PoseResult]:
        frames_waiting: deque[_Pending] = deque()
        crops: list[tuple[_Pending, dict]] = []
        for frame in frames:
            height, width = frame.image.shape[:2]
            pending = _Pending(frame, *boxes.of(frame.file, (width, height)))
            frames_waiting.append(pending)
            for i in range(len(pending.boxes)):
                crops.append((pending, self._crop(pending, i)))
                if len(crops) == self.batch_size:
                    self._predict(crops)
                    crops = []
            while frames_waiting and _complete(frames_waiting[0]):
                yield self._result(frames_waiting.popleft())
        if crops:
            self._predict(crops)
        for pending in frames_waiting:
            yield self._result(pending)

    def _crop(self, pending: _Pending, i: int) -> dict:
        record = {
            **self.meta,
            'img': pending.frame.image,
            'img_path': pending.frame.file,
            'id': i,
            'img_id': pending.frame.index,
            'bbox': pending.boxes[i : i + 1],
            'bbox_score': pending.box_scores[i : i + 1],
        }
        return self._pipeline(record)

    @torch.inference_mode()
    def _predict(self, crops: list[tuple[_Pending, dict]]) -> None:
        samples = self.model.test_step(pseudo_collate([crop for _, crop in crops]))
        for (pending, _), sample in zip(crops, samples, strict=True):
            found = sample.pred_instances
            best = int(np.argmax(np.mean(found.keypoint_scores, -1)))
            pending.outputs.append(
                (found.keypoints[best, :, :2], found.keypoint_scores[best])
            )

    def _result(self, pending: _Pending) -> PoseResult:
        keypoints = np.zeros((0, self.num_keypoints, 2), np.float32)
        scores = np.zeros((0, self.num_keypoints), np.float32)
        if pending.outputs:
            keypoints = np.stack([output[0] for output in pending.outputs])
            scores = np.stack([output[1] for output in pending.outputs])
        return PoseResult(
            file=pending.frame.file,
            frame=pending.frame.index,
            image=pending.frame.image,
            boxes=pending.boxes,
            box_scores=pending.box_scores,
            keypoints=keypoints.astype(np.float32),
            scores=scores.astype(np.float32),
        )


def _complete(pending: _Pending) -> bool:
    return len(pending.outputs) == len(pending.boxes)


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
