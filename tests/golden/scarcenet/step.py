"""One whole semi-supervised step, from the networks' outputs to the gradient."""

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.geometry.view import View
from ssltoolbox.losses.joints_mse import per_joint_mse
from ssltoolbox.methods.scarcenet import ScarceNet
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.pose import PoseTask

from ..registry import drives
from ..vectors import Entry
from .losses import check_selection
from .parts import (
    crop_view,
    ends_at_border,
    metainfo,
    mirror,
    msra,
    pose_task,
    square,
    stride,
    view,
)


class RecordedNetwork(nn.Module):
    """Answers each view with recorded heatmaps times one parameter.

    Args:
        answers: Heatmaps by the number that stands in the inputs of a view.
    """

    def __init__(self, answers: list[Tensor]) -> None:
        super().__init__()
        self.answers = answers
        self.p = nn.Parameter(torch.ones(1))

    def forward(self, inputs: Tensor, samples: list, mode: str) -> Tensor:
        return self.p * self.answers[int(inputs[0])]


class RecordedTask(PoseTask):
    """Hands out the recorded label and its target; notes all others and the losses."""

    given: PseudoLabel
    given_target: tuple[Tensor, Tensor]

    def label(self, batch: Batch) -> PseudoLabel:
        return self.given

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        if label is self.given:
            return self.given_target
        maps, weight = super().target(label)
        border = ends_at_border(self.codec, label.value)
        return maps, torch.where(border, label.weight, weight)

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        value = super().loss(raw, target, weight)
        self.terms.append((target.numpy(), weight.numpy(), value.detach().numpy()))
        return value


@drives('scarcenet', 'semi_step_epoch*')
def semi_step(entry: Entry) -> None:
    method, views = _method(entry), _views(entry)
    method.loss(views)
    kept = method.report['kept'].numpy()
    weight = entry['in_target_weight'][..., 0]
    maps = (entry['in_student_heatmap'], entry['in_target'], weight)
    losses = per_joint_mse(*map(torch.from_numpy, maps)).numpy()
    check_selection(entry, 'out_small_loss_mask', kept, losses, weight)

    recorded = entry['out_small_loss_mask'] > 0
    if (kept != recorded).any():
        # from here on as if the tie had gone the original's way
        method.small_loss = lambda *_: torch.from_numpy(recorded)
    method.task.terms = []
    method.student.p.grad = None
    total = sum(value for key, value in method.loss(views).items() if 'loss' in key)
    total.backward()
    entry.check('out_sup_target_changed', method.report['relabelled'].numpy(), 'masks')
    for name, (target, used, value) in zip(
        ('sup', 'cons'), method.task.terms, strict=True
    ):
        entry.check(f'out_{name}_target', target, 'targets', ulps=4)
        entry.check(f'out_{name}_weight', used[..., None], 'masks')
        entry.check(f'out_loss_{name}', value, 'losses')
    entry.check('out_total_grad_p', method.student.p.grad, 'losses')


def _method(entry: Entry) -> ScarceNet:
    """The published step, under the parameters of the manifest."""
    p = entry.params
    build = dict(
        small_loss=dict(type='ssltoolbox.SmallLossFilter'),
        agreement=dict(
            type='ssltoolbox.AgreementFilter',
            max_dist=p['dist_thre'],
            stride=stride()[0],
            mode='legacy',
        ),
    )
    if p['epoch'] <= p['update_epoch']:
        build = dict(small_loss=None, agreement=None)
    method = ScarceNet(
        **build,
        keep_rate=dict(
            type='ssltoolbox.CosineRamp',
            start=1.0,
            end=0.0,
            length=p['topkrampdown'],
            min_value=p['minrate'],
        ),
        consistency=dict(
            type='ssltoolbox.SigmoidRamp',
            end=p['const_weight'],
            length=p['consistency_rampup'],
        ),
        labelled_weight=p['true_label_w'],
    )
    method.bind(*_networks(entry), _task(entry))
    method.progress = Progress(epoch=p['epoch'])
    return method


def _networks(entry: Entry) -> tuple[RecordedNetwork, RecordedNetwork]:
    """Student and teacher; what the teacher says of the strong view is of no use."""
    student, weak, plain, taught = (
        torch.from_numpy(entry[f'in_{name}_heatmap'])
        for name in ('student', 'view_weak', 'view_plain', 'teacher')
    )
    nothing = torch.full_like(taught, torch.nan)
    return (
        RecordedNetwork([student, weak, plain]),
        RecordedNetwork([nothing, nothing, taught]),
    )


def _size(entry: Entry) -> tuple[int, int]:
    """(w, h) of the views in pixels."""
    h, w = entry['in_target'].shape[2:]
    return w * stride()[0], h * stride()[1]


def _view_of(entry: Entry, matrix: str, flip: str) -> View:
    rows = zip(entry[matrix], entry[flip], entry['in_img_width'].ravel(), strict=True)
    return view(
        [
            square(crop) @ mirror(int(width)) if flipped else square(crop)
            for crop, flipped, width in rows
        ],
        _size(entry),
    )


def _views(entry: Entry) -> dict[str, Batch]:
    labelled = torch.from_numpy(entry['in_use_label'].astype(bool))
    partners = torch.tensor(metainfo()['flip_indices'])
    geometry = dict(
        strong=_view_of(entry, 'in_warpmat1', 'in_flip'),
        weak=_view_of(entry, 'in_warpmat_v2', 'in_flip_v2'),
        plain=crop_view(entry['in_center_ema'], entry['in_scale_ema'], _size(entry)),
    )
    return {
        name: Batch(torch.full((len(labelled),), i), [], place, labelled, partners)
        for i, (name, place) in enumerate(geometry.items())
    }


def _task(entry: Entry) -> RecordedTask:
    h, w = entry['in_target'].shape[2:]
    task = pose_task(msra(_size(entry), (w, h)), RecordedTask)
    # visibilities are recorded before mirroring, labels are in the strong view
    seen = entry['in_joints_vis_ema'][..., 0]
    swapped = seen[:, metainfo()['flip_indices']]
    seen = np.where(entry['in_flip'].reshape(-1, 1), swapped, seen)
    weight = torch.from_numpy(seen)
    points = torch.zeros(*weight.shape, 2)
    strong = _view_of(entry, 'in_warpmat1', 'in_flip')
    task.given = PseudoLabel(points, weight, weight, strong)
    task.given_target = (
        torch.from_numpy(entry['in_target']),
        torch.from_numpy(entry['in_target_weight'][..., 0]),
    )
    task.terms = []
    return task
