"""Losses of depth: by hand, where nothing counts, and their gradients."""

import math

import pytest
import torch

from ssltoolbox.losses.depth_agreement import (
    NormalisedDistanceLoss,
    NormalisedL1Loss,
    NormalisedL2Loss,
)
from ssltoolbox.losses.sparse_depth import ScaleInvariantLoss, SparseFlowLoss
from ssltoolbox.registry import MODELS

K = torch.tensor([[[2.0, 0, 0.5], [0, 2, 0], [0, 0, 1]]]).double()
AGREEMENT = (NormalisedDistanceLoss, NormalisedL1Loss, NormalisedL2Loss)


def maps(*values):
    return torch.tensor(values).double().view(1, 1, 1, -1)


def test_agreement_by_hand():
    z, w, mask = maps(1.0, 2.0, 9.0), maps(2.0, 2.0, 1.0), maps(1.0, 1.0, 0.0)
    # at pixel 0 points are (-1/4, 0, 1) and (-1/2, 0, 2), at 1 they are equal
    assert NormalisedDistanceLoss()(z, w, mask, K).item() == pytest.approx(
        2 * 1.25 / 7, rel=1e-4
    )
    assert NormalisedL1Loss()(z, w, mask).item() == pytest.approx(1 / 3.5, rel=1e-4)
    assert NormalisedL2Loss()(z, w, mask).item() == pytest.approx(1 / 6.5, rel=1e-4)
    damped = NormalisedL2Loss(floor=1.0, loss_weight=2)(z, w, mask).item()
    assert damped == pytest.approx(2 / 7.5)


@pytest.mark.parametrize('loss', AGREEMENT)
def test_a_common_factor_of_both_depths_changes_nothing(loss):
    torch.manual_seed(0)
    z, w = (1 + torch.rand(2, 1, 3, 4).double() for _ in range(2))
    mask, k = torch.ones_like(z), K.expand(2, 3, 3)
    assert torch.allclose(loss()(z, w, mask, k), loss()(7 * z, 7 * w, mask, k))
    assert (loss()(z, z, mask, k) == 0).all()


@pytest.mark.parametrize('loss', AGREEMENT)
def test_an_empty_overlap_is_0_with_a_gradient_of_0(loss):
    z, w = (torch.rand(2, 1, 3, 4).double().requires_grad_() for _ in range(2))
    mask = torch.zeros(2, 1, 3, 4).double()
    mask[1] = 1
    value = loss()(z, w, mask, K.expand(2, 3, 3))
    assert value[0] == 0 and value[1] > 0
    value.sum().backward()
    for each in (z, w):
        assert (each.grad[0] == 0).all() and each.grad.isfinite().all()


@pytest.mark.parametrize('loss', AGREEMENT)
def test_gradients_reach_both_depths(loss):
    torch.manual_seed(0)
    z, w = ((1 + torch.rand(1, 1, 3, 4).double()).requires_grad_() for _ in range(2))
    mask = (torch.rand(1, 1, 3, 4) > 0.3).double()
    # what is detached is too small to be seen in the differences
    assert torch.autograd.gradcheck(
        lambda z, w: loss()(z, w, mask, K), (z, w), atol=1e-4, rtol=1e-3
    )


def test_sparse_flow_counts_points_once_and_components_twice():
    flow = torch.zeros(1, 2, 1, 3).double()
    target = torch.tensor([[[[0.1, 0.2, 9.0]], [[0.3, 0.0, 9.0]]]]).double()
    mask = maps(1.0, 0.5, 0.0)
    expected = (0.1 + 0.3 + 0.5 * 0.2) / (1 + 1.5)
    assert SparseFlowLoss()(flow, target, mask).item() == pytest.approx(expected)
    assert SparseFlowLoss(2.0)(flow, target, 0 * mask).item() == 0


def test_scale_invariant_signs():
    z, target = maps(2.0, 2.0, 5.0), maps(1.0, 1.0, 1.0)
    mask, gap = maps(1.0, 1.0, 0.0), math.log(2)
    for factor, expected in ((1, 2 * gap**2), (-0.5, 0.5 * gap**2), (-1, 0)):
        value = ScaleInvariantLoss(factor)(z, target, mask).item()
        assert value == pytest.approx(expected, abs=1e-6)
    soft = maps(1.0, 1.0, 1.0)
    far = ScaleInvariantLoss(-1, min_target=1.5)(z, target, soft)
    assert far.item() == 0


def test_scale_invariant_without_points_is_0():
    z = maps(2.0, 0.0).requires_grad_()
    value = ScaleInvariantLoss()(z, maps(1.0, 1.0), maps(0.0, 0.0))
    value.sum().backward()
    assert value.item() == 0 and (z.grad == 0).all()


def test_depth_of_0_is_finite():
    z = maps(0.0, 1.0).requires_grad_()
    value = ScaleInvariantLoss()(z, maps(1.0, 1.0), maps(1.0, 1.0))
    value.sum().backward()
    assert value.isfinite().all() and z.grad.isfinite().all()


@pytest.mark.parametrize(
    'loss', [*AGREEMENT, SparseFlowLoss, ScaleInvariantLoss], ids=lambda k: k.__name__
)
def test_losses_are_registered(loss):
    built = MODELS.build(dict(type=f'ssltoolbox.{loss.__name__}', loss_weight=3.0))
    assert type(built) is loss and built.loss_weight == 3
