"""Losses of depth, and the objectives that are made of them."""

from contextlib import contextmanager
from unittest.mock import patch

import torch

from ssltoolbox.engine.cyclic_lr import CyclicLR
from ssltoolbox.evaluation.depth_errors import depth_errors
from ssltoolbox.geometry import depth_warp
from ssltoolbox.geometry.camera import flow_from_depth, pixel_rays, transfer
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

    errors = depth_errors(a, b, mask)
    entry.check('abs_rel', errors['AbsRel'])
    entry.check('sigma', torch.stack([errors[f'delta{k}'] for k in (1, 2, 3)]))


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
        flow = original_flow(one, motion, k)
        flow_terms.append(
            SparseFlowLoss()(
                flow * boundary, flows[i] * boundary, masks[1][i] * boundary
            )
        )
        warped, overlap = warp_depth(one, two, motion, k, boundary, sampling=sampling)
        depth_terms.append(agreement(one * boundary, warped, overlap, k))
    return flow_terms, depth_terms, scaled


def original_flow(depth, motion, k):
    """Flow as the program has it: of points behind the camera, too."""
    flow, seen = flow_from_depth(depth, motion, k)
    there = transfer(depth, motion, k)
    pixels = there[:, :2] / there[:, 2:]
    height, width = depth.shape[-2:]
    start = pixel_rays((width, height), depth)[:2].view(1, 2, height, width)
    extent = start.new_tensor([width, height]).view(1, 2, 1, 1)
    return torch.where(seen, flow, ((pixels - start) / extent).to(flow))


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


@drives('endodepth', 'stage_sfm_objective')
def three_stages(entry: Entry) -> None:
    """Soft masks, scale term, and samples of which the flow is too wrong left out."""
    geometry = entry.sibling('training_objective.npz')
    dcl, sfl, ssl = (
        float(n) for n in entry.find(r'dcl (\d+), sfl (\d+), ssl ([\d.]+)')
    )
    soft = tensors(entry, 'soft_mask1', 'soft_mask2')
    names = 'AB'
    for limit in entry.params['thresholds']:
        prefix = f'thr{limit}'.replace('.', 'p')
        predictions = [x.requires_grad_() for x in tensors(geometry, 'pred1', 'pred2')]
        with vertical_by_width():
            flow, depth, scaled = objective(
                geometry, predictions, (soft, soft), NormalisedL2Loss(floor=1.0)
            )
        weight = 1 / (tensors(geometry, 't12')[0].flatten(1).norm(dim=1) + 1e-8)
        agreement = 0.5 * sum((each * weight / weight.sum()).sum() for each in depth)
        kept = [(each <= limit).float() for each in flow]
        for i, (each, keep) in enumerate(zip(flow, kept, strict=True), 1):
            entry.check(f'{prefix}_per_sample{i}', (each * keep).detach())
        failed = {names[i] for keep in kept for i in (keep == 0).nonzero()[:, 0]}
        assert sorted(failed) == list(entry[f'{prefix}_failed'])
        entry.differences[f'{prefix}_failed'] = 0.0
        whole = any(keep.sum() == 0 for keep in kept)
        counts = [
            len(each) if whole else keep.sum()
            for each, keep in zip(flow, kept, strict=True)
        ]
        sparse = 0.5 * sum(
            (each * keep).sum() / count
            for each, keep, count in zip(flow, kept, counts, strict=True)
        )
        spread = 0.5 * sum(
            each.deviation.mean() * (1 / each.scale).mean() for each in scaled
        )
        total = dcl * agreement + sfl * sparse + ssl * spread
        terms = torch.stack([agreement, sparse, spread, total])
        entry.check(f'{prefix}_terms', terms.detach())
        if limit == max(entry.params['thresholds']):
            total.backward()
            entry.check('grad1', predictions[0].grad)
            entry.check('grad2', predictions[1].grad)


@contextmanager
def vertical_by_width():
    """Divide the vertical coordinate by the width, as this revision does by mistake."""

    def normalise(pixels, sampling):
        return 2 * pixels / pixels.shape[-1] - 1

    with patch.object(depth_warp, '_normalise', normalise):
        yield


@drives('endodepth', 'cyclic_lr')
def learning_rate(entry: Entry) -> None:
    low, high = entry.params['base_lr'], entry.params['max_lr']
    half = entry.params['step_size']
    for mode, gamma in (('triangular', 1.0), ('triangular2', 1.0), ('exp_range', 0.99)):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=high)
        scheduler = CyclicLR(
            optimizer, half_cycle=half, eta_min=low, mode=mode, gamma=gamma
        )
        rates = []
        for _ in entry['iterations']:
            rates.append(optimizer.param_groups[0]['lr'])
            optimizer.step()
            scheduler.step()
        entry.check('exp_range_0p99' if mode == 'exp_range' else mode, rates)
