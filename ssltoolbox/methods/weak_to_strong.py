"""Weak-to-strong consistency of segmentors (UniMatch; Yang et al., CVPR 2023)."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from ssltoolbox.augment.cutmix import CutMix
from ssltoolbox.methods.base import Method
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.perturb import appended_dropout, evaluating
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.gather import join
from ssltoolbox.tasks.seg import SegTask

LABEL_MODES = ('train', 'eval')
CUTMIX = dict(type='ssltoolbox.CutMix')


@TASK_UTILS.register_module()
class WeakToStrong(Method):
    r"""What the student says of a weak view is the label of three harder ones.

    Labelled images have the view ``sup``, unlabelled ones ``weak``, ``strong`` and
    ``strong2``. With the class y and its probability p of each pixel of the weak view,
    without gradient, and l the cross entropy:

       ``L(q) = sum [p >= threshold] l(q, y) / number of pixels in the image``,
       ``L = L_sup + lambda (1/4 L(strong) + 1/4 L(strong2) + 1/2 L(dropped))``.

    The strong views are changed in colour and by :class:`CutMix`, which moves images,
    y and p alike; ``dropped`` is the weak view, half of whose features' channels are
    dropped behind the backbone. A pixel below the threshold counts in the number, one
    outside the image does not. The student passes twice: over sup and weak, whose
    features are dropped on the way, and over both strong views.

    Args:
        threshold: Least probability of a pixel that is learnt, 0..1.
        dropout: Probability of a channel of the features to be dropped, 0..1.
        cutmix: Config of the mixing; None mixes nothing.
        weight: Ramp of lambda; 1 throughout by default.
        label_mode: ``'train'``: labels come from the pass that is learnt from, with the
            statistics of its batch, as published; ``'eval'``: from one of their own in
            eval mode. A teacher, if the model has one, makes them in its own mode.

    Source: Yang et al., Revisiting Weak-to-Strong Consistency in Semi-Supervised
    Semantic Segmentation, CVPR 2023. Differs: lambda is not halved together with
    L_sup; see :class:`~ssltoolbox.augment.cutmix.CutMix` for the partners.
    """

    tasks = ('seg',)
    views = ('sup', 'weak', 'strong', 'strong2')
    needs_teacher = False
    task: SegTask

    def __init__(
        self,
        threshold: float = 0.95,
        dropout: float = 0.5,
        cutmix: dict | None = CUTMIX,
        weight: dict | None = None,
        label_mode: str = 'train',
    ) -> None:
        super().__init__()
        if not 0 <= threshold <= 1 or not 0 <= dropout < 1:
            raise ValueError(
                'WeakToStrong: threshold is in 0..1, dropout 0 or more and below 1; '
                f'got {threshold} and {dropout}'
            )
        if label_mode not in LABEL_MODES:
            raise ValueError(
                f'WeakToStrong: label_mode must be one of {", ".join(LABEL_MODES)}, '
                f'got {label_mode!r}'
            )
        self.threshold, self.dropout = threshold, dropout
        self.label_mode = label_mode
        self.cutmix: CutMix | None = TASK_UTILS.build(cutmix) if cutmix else None
        self.weight = TASK_UTILS.build(weight or dict(type='ssltoolbox.ConstantRamp'))

    def bind(self, student: nn.Module, teacher: nn.Module | None, task: Task) -> None:
        """Connect the method with the networks; the student needs a backbone."""
        super().bind(student, teacher, task)
        if not isinstance(getattr(student, 'backbone', None), nn.Module):
            raise ValueError(
                'WeakToStrong drops channels behind the backbone of the network, and '
                f'{type(student).__name__} has none: use mmseg.EncoderDecoder'
            )

    def loss(self, views: dict[str, Batch]) -> dict[str, Tensor]:
        """Return the losses of one step."""
        sup, weak = views['sup'], views['weak']
        strong = [views['strong'], views['strong2']]
        sizes = [len(sup.inputs), *[len(weak.inputs)] * 2]
        rows = slice(sizes[0], None)
        with appended_dropout(self.student.backbone, rows, self.dropout):
            output = self.task.forward(self.student, join([sup, weak]))
        on_sup, on_weak, on_dropped = output.split(sizes)
        said = self.label(weak, on_weak)
        labels = [self.task.project(said, batch) for batch in strong]
        mixed = [self.mix(*pair) for pair in zip(strong, labels, strict=True)]
        output = self.task.forward(self.student, join([batch for batch, _ in mixed]))
        on_strong = output.split(sizes[1])
        pairs = zip(on_strong, mixed, strict=True)
        harder = sum(self.consistency(raw, label) for raw, (_, label) in pairs) / 2
        rate = self.weight(self.progress) / 2
        # as it was before it was mixed
        self.tell(
            labels[0],
            said,
            self.kept(labels[0]) > 0,
            {name: batch for name, batch in views.items() if name != 'sup'},
            loss_strong=rate,
            loss_dropped=rate,
        )
        return {
            'loss_sup': self.task.loss(on_sup, *self.task.target(self.task.label(sup))),
            'loss_strong': rate * harder,
            'loss_dropped': rate * self.consistency(on_dropped, said),
        }

    @torch.no_grad()
    def label(self, weak: Batch, output: Tensor) -> PseudoLabel:
        """Classes and probabilities of the weak view.

        Args:
            weak: The view.
            output: What the student, in training, said of it.
        """
        if self.teacher is not None:
            output = self.task.forward(self.teacher, weak)
        elif self.label_mode == 'eval':
            with evaluating(self.student):
                output = self.task.forward(self.student, weak)
        label = self.task.decode(output, weak)
        return label.reweighted(label.weight * self.task.inside(weak))

    @torch.no_grad()
    def mix(self, batch: Batch, label: PseudoLabel) -> tuple[Batch, PseudoLabel]:
        """Paste parts of images, with their labels, into others."""
        if self.cutmix is None:
            return batch, label
        boxes = self.cutmix.draw(len(batch.inputs), batch.inputs.device)
        mask = self.cutmix.mask(boxes, batch.inputs.shape[-2:])
        images = self.cutmix.paste(batch.inputs, mask)
        parts = {
            name: self.cutmix.paste(getattr(label, name), mask)
            for name in ('value', 'weight', 'score')
        }
        return replace(batch, inputs=images), replace(label, **parts)

    def kept(self, label: PseudoLabel) -> Tensor:
        """Weight (B, H, W) of pixels that are learnt."""
        return label.weight * (label.score >= self.threshold)

    def consistency(self, output: Tensor, label: PseudoLabel) -> Tensor:
        """Loss of sure pixels, over the number of all pixels that show the image."""
        value, weight = self.task.target(label.reweighted(self.kept(label)))
        share = label.weight.mean().clamp(min=1e-6)
        return self.task.loss(output, value, weight) / share
