"""Semantic segmentation: any mmseg encoder-decoder whose head gives logits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ssltoolbox.datasets.transforms.load_mask import IGNORED
from ssltoolbox.geometry.view import transform_points
from ssltoolbox.geometry.warp import project_maps
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.gather import gather

EDGE = 1e-6
"""Pixels by which rounding may move what lies on the edge of an image."""


@TASK_UTILS.register_module()
class SegTask(Task):
    """Adapter between methods and mmseg's segmentors.

    Raw output is what the head gives, logits (B, C, h, w) of a fraction of the view.
    They are enlarged only where pixels are compared with classes: in ``decode`` and
    ``loss``, where mmseg does so and by the same interpolation, so that both equal
    mmseg's own. Soft targets stay as small as they are: to move and to
    compare them takes a sixteenth of the cells where the head has a quarter of the
    size, and nothing is gained by interpolating both sides of a difference.

    Labels are classes (B, H, W) int64 of the pixels of the view, with weights
    (B, H, W). Stored pseudo labels are probabilities in the size of the head, of which
    ``label`` takes the likeliest class.

    Args:
        network: The built segmentor, ``mmseg.EncoderDecoder`` or alike.
        class_weight: Factor of each class in ``loss``, None for ones. The loss stays
            a mean over pixels; mmseg divides by the factors of the pixels instead.
        match: Distance of probabilities from a soft target: ``'mse'``, the mean
            squared difference (Tarvainen & Valpola, Mean Teachers are Better Role
            Models, NeurIPS 2017), or ``'kl'``, the mean over pixels of
            ``KL(target || output)`` (Miyato et al., Virtual Adversarial Training, TPAMI
            2018).

    Raises:
        TypeError: The network is no such segmentor.
        ValueError: Another distance, or weights of another number of classes.
    """

    name = 'seg'

    def __init__(
        self,
        network: nn.Module,
        class_weight: Sequence[float] | None = None,
        match: Literal['mse', 'kl'] = 'mse',
    ) -> None:
        classes = getattr(getattr(network, 'decode_head', None), 'out_channels', 0)
        if classes < 2:
            raise TypeError(
                f'{type(network).__name__} gives no logits of two or more classes: '
                'SegTask needs a segmentor such as mmseg.EncoderDecoder with '
                'decode_head.out_channels equal to num_classes'
            )
        if match not in ('mse', 'kl'):
            raise ValueError(f"match must be 'mse' or 'kl', got {match!r}")
        if class_weight is not None and len(class_weight) != classes:
            raise ValueError(
                f'class_weight has {len(class_weight)} entries, the head of the '
                f'network {classes} classes: give one for each'
            )
        self.align_corners = bool(network.align_corners)
        self.grid = 'corners' if self.align_corners else 'areas'
        self.distance, self.num_classes = match, classes
        self.class_weight = None if class_weight is None else torch.tensor(class_weight)

    def batch(self, inputs: Tensor, samples: list) -> Batch:  # noqa: D102
        return gather(inputs, samples)

    def label(self, batch: Batch) -> PseudoLabel:
        """Classes of a sample's ``gt_sem_seg``, else those of its ``pseudo_maps``.

        The weight is 0 where the class is 255, outside the image, and in a sample that
        has neither.
        """
        return self._known(
            [self._classes(each, batch) for each in batch.samples], batch
        )

    def truth(self, batch: Batch) -> PseudoLabel:
        """Classes of a sample's ``truth_sem_seg``; weight 0 where they are unknown."""
        names = 'truth_sem_seg'
        return self._known(
            [_mask(sample, batch, names) for sample in batch.samples], batch
        )

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        """Logits (B, C, h, w) in the size of the head.

        Raises:
            TypeError: The head gives something else.
        """
        logits = network(batch.inputs, batch.samples, mode='tensor')
        if not isinstance(logits, Tensor):
            raise TypeError(
                f'the head of {type(network).__name__} gives a '
                f'{type(logits).__name__} in training, SegTask needs logits '
                '(B, C, h, w): choose a head such as mmseg.FCNHead'
            )
        return logits

    def probabilities(self, raw: Tensor, batch: Batch) -> Tensor:
        """Probabilities (B, C, H, W) float32 of the pixels of the view, detached."""
        width, height = batch.view.size
        return self._enlarge(raw.detach().float(), (height, width)).softmax(1)

    def decode(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        """Likeliest class of each pixel; the score (B, H, W) is its probability."""
        score, classes = self.probabilities(raw, batch).max(1)
        return PseudoLabel(classes, torch.ones_like(score), score, batch.view)

    def inside(self, batch: Batch) -> Tensor:
        """Weight (B, H, W) of pixels that show the image, not what is around it."""
        (width, height), device = batch.view.size, batch.inputs.device
        meta = [sample.metainfo for sample in batch.samples]
        sizes = [m.get('native_shape', m['ori_shape'])[:2] for m in meta]
        sizes = torch.tensor(sizes).flip(1).to(device, non_blocking=True)
        xs, ys = torch.arange(width, device=device), torch.arange(height, device=device)
        ys, xs = torch.meshgrid(ys.double(), xs.double(), indexing='ij')
        pixels = torch.stack([xs, ys], -1).view(1, -1, 2)
        count = len(batch.samples)
        seen = transform_points(batch.view.inverse(), pixels.expand(count, -1, -1))
        # half a pixel around the middle of the outermost ones
        near = (seen > -0.5 - EDGE) & (seen < sizes[:, None] - 0.5 + EDGE)
        return near.all(-1).view(count, height, width).float()

    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        """Move classes to another view: those of the nearest pixels."""
        if label.view.same_as(batch.view):
            return label
        layers = [label.value.float(), label.weight, label.score.expand_as(label.value)]
        moved, _ = project_maps(
            torch.stack(layers, 1), label.view, batch.view, mode='nearest', grid='areas'
        )
        classes, weight, score = moved.unbind(1)
        return replace(
            label, value=classes.long(), weight=weight, score=score, view=batch.view
        )

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        """Classes (B, H, W) and weights (B, H, W), as they are."""
        return label.value, label.weight

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Cross entropy, a mean over all pixels."""
        logits = self._enlarge(raw.float(), target.shape[-2:])
        if self.class_weight is not None:
            self.class_weight = self.class_weight.to(logits, non_blocking=True)
        entropy = F.cross_entropy(logits, target, self.class_weight, reduction='none')
        return (entropy * weight).mean()

    def soft(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        """Probabilities (B, C, h, w); the score (B, h, w) is the highest of a cell."""
        share = raw.detach().float().softmax(1)
        return PseudoLabel(
            share, torch.ones_like(share[:, :1]), share.amax(1), batch.view
        )

    def match(self, raw: Tensor, label: PseudoLabel) -> Tensor:
        """Distance of probabilities, a mean in which entries of weight 0 count."""
        if self.distance == 'mse':
            return super().match(raw.float().softmax(1), label)
        share = raw.float().log_softmax(1)
        divergence = F.kl_div(share, label.value, reduction='none').sum(1, keepdim=True)
        return (divergence * label.weight).mean()

    def stored(self, batch: Batch, size: Sequence[int]) -> PseudoLabel:
        """Soft target (B, C, h, w) from the samples' ``pseudo_maps``.

        The weight (B, 1, h, w) is 0 in a sample that has none, and where the view left
        the image. Larger maps are shrunk by means over the pixels under a cell.

        Args:
            batch: The view.
            size: (h, w) of the target, such as that of the raw output.
        """
        maps = [self._stored(sample, batch) for sample in batch.samples]
        none = batch.inputs.new_zeros(1, self.num_classes, *size).float()
        share = torch.cat([none if m is None else _resized(m, size) for m in maps])
        total = share.sum(1, keepdim=True)
        # probabilities add up to 1, and to 0 where the view left the image
        weight = (total > 0.5).float()
        value = share / total.clamp(min=0.5)
        return PseudoLabel(value, weight, value.amax(1), batch.view)

    def _known(self, classes: list[Tensor], batch: Batch) -> PseudoLabel:
        value = torch.stack(classes)
        known = value != IGNORED
        weight = known.float()
        return PseudoLabel(value * known, weight, weight, batch.view)

    def _classes(self, sample, batch: Batch) -> Tensor:
        """Classes (H, W) int64 of a sample, 255 where it has none."""
        width, height = batch.view.size
        stored = self._stored(sample, batch)
        if getattr(sample, 'gt_sem_seg', None) is not None or stored is None:
            return _mask(sample, batch)
        share = self._enlarge(stored, (height, width))[0]
        return torch.where(share.sum(0) > 0.5, share.argmax(0), IGNORED)

    def _stored(self, sample, batch: Batch) -> Tensor | None:
        """Stored probabilities (1, C, h, w) of a sample, None where it has none."""
        stored = getattr(sample, 'pseudo_maps', None)
        if stored is None:
            return None
        if len(stored.data) != self.num_classes:
            raise ValueError(
                f'pseudo_maps of {sample.metainfo.get("img_path", "an image")} have '
                f'{len(stored.data)} classes, the network {self.num_classes}: they '
                'were made by another network. Run the stage that makes them again '
                'with this config'
            )
        return stored.data[None].to(batch.inputs.device, non_blocking=True).float()

    def _enlarge(self, logits: Tensor, size: Sequence[int]) -> Tensor:
        if logits.shape[-2:] == tuple(size):
            return logits
        return F.interpolate(
            logits, tuple(size), mode='bilinear', align_corners=self.align_corners
        )


def _resized(maps: Tensor, size: Sequence[int]) -> Tensor:
    if maps.shape[-2:] == tuple(size):
        return maps
    return F.interpolate(maps, tuple(size), mode='bilinear', antialias=True)


def _mask(sample, batch: Batch, name: str = 'gt_sem_seg') -> Tensor:
    """Mask (H, W) int64 of a sample, 255 where it has none."""
    (width, height), device = batch.view.size, batch.inputs.device
    field = getattr(sample, name, None)
    if field is None:
        return torch.full((height, width), IGNORED, device=device)
    if field.data.shape[-2:] != (height, width):
        raise ValueError(
            f'{name} of {sample.metainfo.get("img_path", "an image")} has the '
            f'shape {tuple(field.data.shape)}, the input of the network is {height} x '
            f'{width} (H x W): warp both by one view transform, such as '
            'ssltoolbox.ImageView, and let the preprocessor pad both or neither'
        )
    return field.data.view(height, width).to(device, torch.long, non_blocking=True)
