"""Depth from one frame, taught by structure from motion (Liu et al., TMI 2020)."""

from typing import Any, Literal

import torch
from torch import Tensor

from ssltoolbox.geometry.camera import flow_from_depth
from ssltoolbox.geometry.depth_warp import warp_depth
from ssltoolbox.losses.depth_scale import ScaledDepth, scale_to_sparse
from ssltoolbox.losses.sparse_depth import SparseFlowLoss
from ssltoolbox.methods.base import Method
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.failed_sequences import FailedSequences
from ssltoolbox.tasks.depth import SfmBatch


@TASK_UTILS.register_module()
class SfmSupervision(Method):
    r"""Two frames of a video explain the motion of points, and each other's depth.

    The network predicts depth Z of both frames, each in a unit of its own, which the
    depth of the points brings to a common one. Then, for both directions,

       ``L = w_f L_flow + w_c L_consistency + w_s spread``

    ``L_flow``: the flow that depth and camera motion imply, against that of the points.
    ``L_consistency``: the depth of the other frame, seen from this one, against the own
    depth, where both see the same surface. ``spread``: how far the scales of single
    points disagree. No brightness is compared, for the light moves with the camera.

    Args:
        flow_weight: w_f.
        consistency: Ramp of w_c.
        scale_weight: w_s.
        agreement: Config of the loss that compares two depth maps, by default
            :class:`~ssltoolbox.losses.depth_agreement.NormalisedDistanceLoss`.
        by_baseline: Weigh the consistency of a pair by the reciprocal of the distance
            between its cameras, as in the three-stage program.
        max_flow_loss: A sample whose flow is farther off than this has no part in
            ``L_flow``, and its sequence is distrusted in the next epoch: then only
            points count that were found in the very frame. None: all are trusted.
            Needs ``ssltoolbox.FailedSequencesHook``.
        scale: ``'mean'`` or ``'median'``, see
            :func:`~ssltoolbox.losses.depth_scale.scale_to_sparse`.

    Source: Liu et al., Dense Depth Estimation in Monocular Endoscopy with
    Self-supervised Learning Methods, TMI 2020; and the three-stage program of Liu et
    al., CARE 2018. The warp samples pixel centres, and empty overlaps and points behind
    the camera count for nothing: there, they gave NaN.
    """

    tasks = ('depth',)
    views = ('first', 'second')
    needs_teacher = False

    def __init__(
        self,
        flow_weight: float = 20.0,
        consistency: dict | None = None,
        scale_weight: float = 0.0,
        agreement: dict | None = None,
        by_baseline: bool = False,
        max_flow_loss: float | None = None,
        scale: Literal['mean', 'median'] = 'mean',
    ) -> None:
        super().__init__()
        self.flow_weight, self.scale_weight = flow_weight, scale_weight
        self.consistency = TASK_UTILS.build(
            consistency
            or dict(type='ssltoolbox.StepRamp', start=0.1, end=5.0, length=21)
        )
        self.agreement = MODELS.build(
            agreement or dict(type='ssltoolbox.NormalisedDistanceLoss')
        )
        self.by_baseline, self.max_flow_loss = by_baseline, max_flow_loss
        self.statistic = scale
        self.sparse_flow = SparseFlowLoss()
        self.failed = FailedSequences()

    def loss(self, views: dict[str, Any]) -> dict[str, Tensor]:
        """Losses of both directions."""
        frames = [views[name] for name in self.views]
        scaled = [self.scaled(frame) for frame in frames]
        flow, agreement, overlap = [], [], []
        for i, frame in enumerate(frames):
            ours, theirs = scaled[i].depth, scaled[1 - i].depth
            flow.append(self.flow(frame, ours))
            warped, mask = warp_depth(
                ours, theirs, frame.motion, frame.intrinsics, frame.valid
            )
            agreement.append(
                self.agreement(ours * frame.valid, warped, mask, frame.intrinsics)
            )
            overlap.append(mask.mean() / frame.valid.mean())
        weight = self.consistency(self.progress)
        # hooks see the first frame
        self.tell(
            self.task.label(frames[0]),
            self.task.decode(scaled[0].depth, frames[0]),
            views={'strong': frames[0]},
            loss_consistency=weight,
            loss_scale=self.scale_weight,
        )
        return {
            'loss_flow': self.flow_weight * self.trusted(flow, frames),
            'loss_consistency': weight * self.average(agreement, frames[0]),
            'loss_scale': self.scale_weight * _mean([each.spread for each in scaled]),
            'flow': _mean(flow).detach(),
            'consistency': _mean(agreement).detach(),
            'overlap': _mean(overlap),
        }

    def scaled(self, frame: SfmBatch) -> ScaledDepth:
        """Depth of a frame, in the unit of its points."""
        depth = self.task.forward(self.student, frame).float()
        return scale_to_sparse(
            depth, frame.depth, frame.depth_weight, statistic=self.statistic
        )

    def flow(self, frame: SfmBatch, depth: Tensor) -> Tensor:
        """How far the flow of the points is off, (B,)."""
        implied, seen = flow_from_depth(
            depth, frame.motion, frame.intrinsics, frame.valid
        )
        weight = frame.flow_weight
        if self.max_flow_loss is not None:
            distrusted = self.failed.among(frame.sequence)[:, None, None, None]
            weight = torch.where(distrusted, frame.found_weight, weight)
        return self.sparse_flow(implied, frame.flow, weight * seen)

    def trusted(self, flow: list[Tensor], frames: list[SfmBatch]) -> Tensor:
        """Mean of both directions over the samples that are not too far off."""
        if self.max_flow_loss is None:
            return _mean(flow)
        kept = [(each <= self.max_flow_loss).to(each) for each in flow]
        for frame, keep in zip(frames, kept, strict=True):
            self.failed.note(frame.sequence, keep == 0)
        # where a direction has nothing left, the mean is one over all samples
        whole = torch.stack([keep.sum() == 0 for keep in kept]).any()
        return 0.5 * sum(
            (each * keep).sum() / torch.where(whole, len(keep), keep.sum())
            for each, keep in zip(flow, kept, strict=True)
        )

    def average(self, agreement: list[Tensor], frame: SfmBatch) -> Tensor:
        """Mean of both directions."""
        if not self.by_baseline:
            return _mean(agreement)
        weight = 1 / (frame.motion.translation.flatten(1).norm(dim=1) + 1e-8)
        return 0.5 * sum((each * weight / weight.sum()).sum() for each in agreement)


def _mean(parts: list[Tensor]) -> Tensor:
    """Mean over directions and samples."""
    return torch.stack([part.mean() for part in parts]).mean()
