"""ScarceNet: animal pose from few labels (Li & Lee, CVPR 2023, arXiv 2303.15023)."""

from contextlib import nullcontext
from typing import cast

import torch
from torch import Tensor, nn

from ssltoolbox.losses.joints_mse import per_joint_mse
from ssltoolbox.methods.base import Method
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.perturb import evaluating
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.pose import PoseTask


@TASK_UTILS.register_module()
class ScarceNet(Method):
    r"""Small-loss selection, agreement re-labelling and teacher consistency.

    Every image has a label: a person's, or a pseudo label of the supervised network.
    In each batch

    1. keypoints whose loss is small against their label are trusted (``kept``);
    2. where the student's predictions on the plain and the weak view agree, its own
       prediction replaces an untrusted label (``relabelled``);
    3. the student matches the teacher's keypoints, drawn anew as Gaussians:

       ``L = L_mse(p, t', w') + lambda(e) L_mse(p, t_teacher, w)``.

    Args:
        small_loss: Filter that trusts labels by their loss, None trusts all of them.
        keep_rate: Ramp of the share that ``small_loss`` keeps.
        agreement: Filter for re-labelling, None re-labels nothing.
        consistency: Ramp of lambda, None drops the consistency term.
        labelled_weight: Weight of a person's keypoint. Weights act squared in the
            loss, so the published 2 counts four times.
        student_mode: ``'train'`` predicts for re-labelling with batch statistics, as
            published; ``'eval'`` with running statistics.
        teacher_sees_strong: Also pass the strong view through the teacher, only for
            its batch-norm statistics, as published. Of use with
            ``teacher.mode='train'``.
        consistency_on: ``'visible'`` asks for consistency on keypoints whose label
            has weight, as published; ``'all'`` on every keypoint.
        relabel_by: ``'place'`` re-labels keypoint k of the strong view where keypoint k
            of the weak view is agreed upon, as published: its mirror partner, if one of
            the two views is mirrored. ``'joint'`` asks for the keypoint itself.

    Fixed here: the teacher starts as the student, not half initialised; stored pseudo
    labels are never changed; a keypoint without a label is never selected. The
    published half-cell bias of the agreement test is its filter's ``mode='legacy'``.
    """

    tasks = ('pose',)
    views = ('strong', 'weak', 'plain')

    def __init__(
        self,
        small_loss: dict | None,
        keep_rate: dict,
        agreement: dict | None,
        consistency: dict | None,
        labelled_weight: float = 2.0,
        student_mode: str = 'train',
        teacher_sees_strong: bool = True,
        consistency_on: str = 'visible',
        relabel_by: str = 'place',
    ) -> None:
        super().__init__()
        if student_mode not in ('train', 'eval'):
            raise ValueError(
                f"student_mode must be 'train' or 'eval', got {student_mode!r}"
            )
        if consistency_on not in ('visible', 'all'):
            raise ValueError(
                f"consistency_on must be 'visible' or 'all', got {consistency_on!r}"
            )
        if relabel_by not in ('place', 'joint'):
            raise ValueError(
                f"relabel_by must be 'place' or 'joint', got {relabel_by!r}"
            )
        build = TASK_UTILS.build
        self.small_loss = build(small_loss) if small_loss else None
        self.keep_rate = build(keep_rate)
        self.agreement = build(agreement) if agreement else None
        self.consistency = build(consistency) if consistency else None
        self.needs_teacher = consistency is not None
        self.labelled_weight = labelled_weight
        self.student_mode = student_mode
        self.teacher_sees_strong = teacher_sees_strong
        self.consistency_on = consistency_on
        self.relabel_by = relabel_by

    def bind(self, student: nn.Module, teacher: nn.Module | None, task: Task) -> None:
        """Connect with networks and task, whose cells the agreement is measured in."""
        super().bind(student, teacher, task)
        if getattr(self.agreement, 'stride', 1) is None:
            self.agreement.stride = cast(PoseTask, task).codec.stride[0]

    def loss(self, views: dict[str, Batch]) -> dict[str, Tensor]:
        """Return the losses of one step."""
        strong, labelled = views['strong'], views['strong'].labelled[:, None]
        output = self.task.forward(self.student, strong)
        label = self.task.label(strong)
        target, weight = self.task.target(label)

        kept = self.trust(output, target, weight, strong.labelled)
        own, reusable = self.relabel(views, kept)
        own_target, in_frame = self.task.target(own)

        replaced = reusable & ~labelled
        target = torch.where(replaced[..., None, None], own_target, target)
        trusted = torch.where(replaced, in_frame, kept.to(in_frame))
        trusted = torch.where(labelled, self.labelled_weight * weight, trusted)
        losses = {'loss_sup': self.task.loss(output, target, trusted)}
        self.report = {
            'label': label,
            'kept': kept,
            'relabel': own,
            'relabelled': replaced,
            'rates': {'kept': self.share_to_keep()},
        }

        if self.consistency is not None:
            rate = self.consistency(self.progress)
            self.report['rates']['loss_consistency'] = rate
            losses['loss_consistency'] = rate * self.consistency_loss(
                output, label, views
            )
        return losses

    def share_to_keep(self) -> float:
        """Share of the labels that are to be trusted now."""
        return 1.0 if self.small_loss is None else self.keep_rate(self.progress)

    def trust(
        self, output: Tensor, target: Tensor, weight: Tensor, labelled: Tensor
    ) -> Tensor:
        """Mask (B, K) of keypoints whose label the student fits well."""
        if self.small_loss is None:
            return weight != 0
        losses = per_joint_mse(output.detach().float(), target, weight)
        return self.small_loss(losses, weight, self.share_to_keep(), labelled)

    def relabel(
        self, views: dict[str, Batch], kept: Tensor
    ) -> tuple[PseudoLabel, Tensor]:
        """Student's keypoints in the strong view, and a mask where two views agree."""
        if self.agreement is None:
            none = self.task.label(views['strong'])
            return none, torch.zeros_like(kept)
        as_it_is = self.student_mode == 'train'
        with nullcontext() if as_it_is else evaluating(self.student):
            on_weak = self.task.predict(self.student, views['weak'])
            on_plain = self.task.predict(self.student, views['plain'])
        agree = self.agreement(on_weak, self.task.project(on_plain, views['weak']))
        if self.relabel_by == 'joint':
            agree = exchanged(agree, views['weak'], views['strong'])
        return self.task.project(on_plain, views['strong']), agree & ~kept

    def consistency_loss(
        self, output: Tensor, label: PseudoLabel, views: dict[str, Batch]
    ) -> Tensor:
        """Loss between the student and the teacher's keypoints, drawn anew."""
        if self.teacher_sees_strong:
            with torch.no_grad():
                self.task.forward(self.teacher, views['strong'])
        on_plain = self.task.predict(self.teacher, views['plain'])
        self.report['teacher'] = on_plain
        taught = self.task.project(on_plain, views['strong'])
        if self.consistency_on == 'visible':
            taught = taught.reweighted(label.weight)
        return self.task.loss(output, *self.task.target(taught))


def exchanged(mask: Tensor, source: Batch, target: Batch) -> Tensor:
    """Put a mask (B, K) of one view into the order of the keypoints of another."""
    if source.flip_indices is None:
        return mask
    swap = source.view.mirrored != target.view.mirrored
    return torch.where(swap[:, None], mask[:, source.flip_indices], mask)
