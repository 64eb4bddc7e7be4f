"""How far two depth maps of one view differ, as a share of their depth.

Each takes depth Z and W, (B, 1, H, W), and a mask O in [0, 1] of what counts, and gives
one number per sample, (B,): 0 where nothing counts. Both maps receive gradients.
"""

import torch
from torch import Tensor, nn

from ssltoolbox.geometry.camera import back_project
from ssltoolbox.losses.per_sample import sum_per_sample
from ssltoolbox.registry import MODELS


@MODELS.register_module()
class NormalisedDistanceLoss(nn.Module):
    r"""L1 distance of the points in space.

    ``2 sum O |P(Z) - P(W)|_1 / (1e-5 m + sum O (Z + |W|))`` with P the back-projection
    and m the mean of Z under the mask, without gradient.

    Args:
        loss_weight: Factor of the loss.

    Source: the program of Liu et al., TMI 2020; the paper's equation is
    :class:`NormalisedL2Loss`. There, an empty mask gives NaN.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, depth: Tensor, other: Tensor, mask: Tensor, intrinsics: Tensor
    ) -> Tensor:
        """Return (B,).

        Args:
            depth: (B, 1, H, W) Z.
            other: (B, 1, H, W) W.
            mask: (B, 1, H, W) O.
            intrinsics: (B, 3, 3), in pixels of the maps.
        """
        mean = _mean(depth, mask, 1e-5).detach()
        ours, theirs = (back_project(each, intrinsics) for each in (depth, other))
        gap = 2 * sum_per_sample(mask * (ours - theirs).abs())
        whole = 1e-5 * mean + sum_per_sample(mask * (depth + other.abs()))
        return self.loss_weight * _ratio(gap, whole)


@MODELS.register_module()
class NormalisedL1Loss(nn.Module):
    r"""``sum O |Z - W| / (1/2 sum O (|Z| + |W|) + 1e-5 m)``, m the mean of Z under O.

    Args:
        loss_weight: Factor of the loss.

    Source: the program of Liu et al., TMI 2020, which does not use it.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self,
        depth: Tensor,
        other: Tensor,
        mask: Tensor,
        intrinsics: Tensor | None = None,
    ) -> Tensor:
        """Return (B,); see :class:`NormalisedDistanceLoss`."""
        gap = sum_per_sample(mask * (depth - other).abs())
        whole = 0.5 * sum_per_sample(mask * (depth.abs() + other.abs()))
        return self.loss_weight * _ratio(gap, whole + 1e-5 * _mean(depth, mask, 1e-3))


@MODELS.register_module()
class NormalisedL2Loss(nn.Module):
    r"""``sum O (Z - W)^2 / (1/2 sum O (Z^2 + W^2) + e)``.

    Args:
        floor: e. None: ``1e-5 m^2`` with m the mean of Z under O, without gradient, so
            that the loss does not depend on the scale; 1, of the three-stage program,
            damps it where few pixels overlap.
        loss_weight: Factor of the loss.

    Source: Liu et al., CARE 2018, and its program.
    """

    def __init__(self, floor: float | None = None, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.floor, self.loss_weight = floor, loss_weight

    def forward(
        self,
        depth: Tensor,
        other: Tensor,
        mask: Tensor,
        intrinsics: Tensor | None = None,
    ) -> Tensor:
        """Return (B,); see :class:`NormalisedDistanceLoss`."""
        gap = sum_per_sample(mask * (depth - other).square())
        whole = 0.5 * sum_per_sample(mask * (depth.square() + other.square()))
        if self.floor is None:
            floor = 1e-5 * _mean(depth, mask, 1e-3).detach().square()
        else:
            floor = self.floor
        return self.loss_weight * _ratio(gap, whole + floor)


def _ratio(gap: Tensor, whole: Tensor) -> Tensor:
    """Divide, with 0 and a gradient of 0 where there is nothing to divide by."""
    return gap / torch.where(whole > 0, whole, 1.0)


def _mean(maps: Tensor, mask: Tensor, eps: float) -> Tensor:
    return sum_per_sample(maps * mask) / (eps + sum_per_sample(mask))
