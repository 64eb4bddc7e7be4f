"""Losses of depth, and the objectives that are made of them."""

import torch

from ssltoolbox.geometry.camera import flow_from_depth
from ssltoolbox.geometry.depth_warp import warp_depth
from ssltoolbox.losses.depth_agreement import (
    NormalisedDistanceLoss,
    NormalisedL1Loss,
    NormalisedL2Loss,
)
from ssltoolbox.losses.depth_scale import scale_to_sparse
from ssltoolbox.losses.sparse_depth import ScaleInvariantLoss, SparseFlowLoss

from ..registry import drives
from ..vectors import Entry
from .geometry import motions, tensors


@drives('endodepth', 'losses')
def losses(entry: Entry) -> None:
    a, b, mask, soft, flow, guess, translation, k = tensors(
        entry, 'a', 'b', 'mask', 'soft_mask', 'flow', 'flow_pred', 'translation', 'K'
    )
    sparse_flow = SparseFlowLoss()
    entry.check('sparse_l1', sparse_flow(guess, flow, soft).mean())
    entry.check('sparse_l1_per_sample', sparse_flow(guess, flow, soft))
    length = translation.flatten(1).norm(dim=1)
    weight = 1 / (length + 1e-8)
    found = {
        'masked_l1': lambda a: sparse_flow(a, b, mask).mean(),
        'norm_l2': lambda a: NormalisedL2Loss()(a, b, mask).mean(),
        'norm_l1': lambda a: NormalisedL1Loss()(a, b, mask).mean(),
        'norm_distance': lambda a: NormalisedDistanceLoss()(a, b, mask, k).mean(),
        'norm_weighted_l2': lambda a: (
            NormalisedL2Loss(floor=1.0)(a, b, mask) * weight / weight.sum()
        ).sum(),
        'scale_invariant': lambda a: ScaleInvariantLoss()(a, b, mask).mean(),
        'masked_scale_invariant': lambda a: ScaleInvariantLoss(min_target=0.5)(
            a, b, mask
        ).mean(),
    }
    for name, loss in found.items():
        x = a.clone().requires_grad_()
        value = loss(x)
        entry.check(name, value.detach())
        if f'grad_{name}' in entry.arrays:
            value.backward()
            entry.check(f'grad_{name}', x.grad)


    abs_rel, within = depth_errors(a, b, mask)
    entry.check('abs_rel', abs_rel)
    entry.check('sigma', within)


def objective(entry: Entry, predictions, masks, agreement, sampling='legacy'):
    """Sparse flow (B,) and agreement (B,) of both directions, and both scalings."""
    sparse = tensors(entry, 'sparse_depth1', 'sparse_depth2')
    flows = tensors(entry, 'flow1', 'flow2')
    boundary, k = tensors(entry, 'boundary', 'K')
    scaled = [
        scale_to_sparse(pred, points, mask)
        for pred, points, mask in zip(predictions, sparse, masks[0], strict=True)
    ]
    flow_terms, depth_terms = [], []
    for i, motion in enumerate(motions(entry)):
        one, two = scaled[i].depth, scaled[1 - i].depth
        flow, _ = flow_from_depth(one, motion, k, boundary)
        flow_terms.append(
            SparseFlowLoss()(flow * boundary, flows[i] * boundary, masks[1][i] * boundary)
        )
        warped, overlap = warp_depth(one, two, motion, k, boundary, sampling=sampling)
        depth_terms.append(agreement(one * boundary, warped, overlap, k))
    return flow_terms, depth_terms, scaled


@drives('endodepth', 'training_objective')
def single_network(entry: Entry) -> None:
    predictions = [x.requires_grad_() for x in tensors(entry, 'pred1', 'pred2')]
    masks = (
        tensors(entry, 'sparse_mask1', 'sparse_mask2'),
        tensors(entry, 'flow_mask1', 'flow_mask2'),
    )
    flow, depth, _ = objective(entry, predictions, masks, NormalisedDistanceLoss())
    sfl, dcl = (0.5 * sum(term.mean() for term in terms) for terms in (flow, depth))
    total = entry.params['sfl_weight'] * sfl + entry.params['dcl_weight'] * dcl
    total.backward()
    entry.check('sparse_flow', sfl.detach())
    entry.check('depth_consistency', dcl.detach())
    entry.check('total', total.detach())
    entry.check('grad1', predictions[0].grad)
    entry.check('grad2', predictions[1].grad)


@drives('endodepth', 'stage_teacher_student')
def distillation(entry: Entry) -> None:
    boundary = tensors(entry, 'boundary')[0]
    students = [x.requires_grad_() for x in tensors(entry, 'student1', 'student2')]
    teachers = tensors(entry, 'teacher1', 'teacher2')
    loss = ScaleInvariantLoss()
    value = 0.5 * sum(
        loss(ours.abs(), theirs.abs(), boundary).mean()
        for ours, theirs in zip(students, teachers, strict=True)
    )
    value.backward()
    entry.check('loss', value.detach())
    entry.check('grad_student1', students[0].grad)
