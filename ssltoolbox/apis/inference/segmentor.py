"""A trained segmentor, from pictures to probabilities in their own size."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from mmengine import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope
from torch import Tensor, nn

from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.apis.model import Which, load_model
from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.jobs.voters import Voters

_READS_MASKS = frozenset({'LoadMask', 'LoadAnnotations'})
_READS_FILES = frozenset({'LoadImageFromFile', 'LoadImage'})

_OF_TRAINING = ('Default ``avg_non_ignore', 'For binary segmentation', 'When align_cor')
"""Begin of mmseg's advice on losses and heads, which nobody who predicts can follow."""


class Segmentor:
    """One network, its test pipeline, and the views through which it looks.

    Args:
        config: As in :func:`ssltoolbox.apis.model.load_model`; plain ones of mmseg
            work, too.
        checkpoint: Weights of that network.
        which: ``'auto'`` (the teacher if there is one), ``'student'`` or ``'teacher'``.
        device: Where it runs.
        views: Fixed views besides the plain one, see
            :class:`~ssltoolbox.datasets.transforms.view_set.ViewSet`.

    Attributes:
        model: The segmentor, in eval mode.
        config: Its config.
        num_classes: C.

    Raises:
        FileNotFoundError: The config or the checkpoint does not exist.
        CheckpointError: The checkpoint does not fit.
        ValueError: The network is of another task or has one channel for two classes;
            the config does not say how images are read; or there is no such view.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path,
        which: Which = 'auto',
        device: str | torch.device = 'cpu',
        views: Sequence[str | dict] = (),
    ) -> None:
        prepare_segmentation()
        with warnings.catch_warnings():
            for message in _OF_TRAINING:
                warnings.filterwarnings('ignore', message)
            self.model, self.config = load_model(config, checkpoint, which, device)
        self.num_classes = _count_classes(self.model)
        scope = self.config.get('default_scope', 'mmpose')
        with DefaultScope.overwrite_default_scope(scope):
            steps = _prediction_pipeline(self.config)
            if views:
                *steps, view, pack = steps
                steps.append(dict(type='ssltoolbox.ViewSet', views=list(views)))
                steps[-1].update(view=view, pack=pack)
                task = dict(type='ssltoolbox.SegTask')
                self._voters = Voters([self.model], task, [1.0])
            self._pipeline = Compose(steps)
        self._has_views = bool(views)

    @property
    def meta(self) -> dict[str, Any]:
        """What is known of the classes: ``classes``, ``palette``, ``codes``."""
        return self.model.dataset_meta or {}

    @torch.inference_mode()
    def probabilities(self, frames: Sequence[Frame]) -> list[Tensor]:
        """Look at pictures in one batch.

        Args:
            frames: B pictures of any sizes.

        Returns:
            B tensors (C, H, W) float32 on the device of the network, each in the size
            of its picture: the mean over the views.
        """
        samples = [self._pipeline(_record(frame)) for frame in frames]
        if self._has_views:
            return self._through_views(samples, frames)
        outputs = self.model.test_step(pseudo_collate(samples))
        return [each.seg_logits.data.float().softmax(0) for each in outputs]

    def _through_views(self, samples: list[dict], frames: Sequence[Frame]) -> list:
        _, fused, _ = self._voters.fuse(branch_collate(samples))
        # a pixel of the plain view stands for the area under it
        return [
            F.interpolate(share[None], frame.image.shape[:2], mode='bilinear')[0]
            for share, frame in zip(fused.share, frames, strict=True)
        ]


def _record(frame: Frame) -> dict[str, Any]:
    size = frame.image.shape[:2]
    return dict(
        img=frame.image,
        img_path=frame.file,
        img_shape=size,
        ori_shape=size,
        id=frame.index,
        img_id=frame.index,
        labelled=False,
    )


def _count_classes(model: nn.Module) -> int:
    head = getattr(model, 'decode_head', None)
    if isinstance(head, nn.ModuleList):  # a cascade: the last one decides
        head = head[-1]
    classes = getattr(head, 'out_channels', 0)
    if classes < 2:
        raise ValueError(
            f'{type(model).__name__}, the network of the config, gives no logits of '
            'two or more classes: expected a segmentor such as mmseg.EncoderDecoder '
            'whose decode_head has out_channels equal to num_classes'
        )
    return classes


def _prediction_pipeline(config: Config) -> list[dict]:
    """Take the pipeline of the test data, without what reads masks and files."""
    for subset in ('test', 'val'):
        dataset = (config.get(f'{subset}_dataloader') or {}).get('dataset') or {}
        if dataset.get('pipeline'):
            steps = dataset['pipeline']
            break
    else:
        raise ValueError(
            f'{config.filename or "config"}: cannot tell how images are read; expected '
            'a pipeline in test_dataloader.dataset or val_dataloader.dataset'
        )
    left_out = _READS_MASKS | _READS_FILES
    return [step for step in steps if _kind(step) not in left_out]


def _kind(step: dict) -> str:
    return getattr(step['type'], '__name__', step['type']).rpartition('.')[2]
