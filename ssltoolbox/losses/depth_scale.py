"""Bring depth of unknown scale to the scale of sparse points."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from ssltoolbox.losses.per_sample import sum_per_sample


class ScaledDepth(NamedTuple):
    """Depth in the scale of sparse points.

    Attributes:
        depth: (B, 1, H, W), the prediction times its scale.
        scale: (B,), by which it was multiplied; 1 in a sample without points.
        deviation: (B,), standard deviation of the points' own scales; 0 without points.
    """

    depth: Tensor
    scale: Tensor
    deviation: Tensor

    @property
    def spread(self) -> Tensor:
        """(B,), how far the scales of single points disagree, as a share."""
        return self.deviation / self.scale


def scale_to_sparse(
    depth: Tensor,
    sparse: Tensor,
    mask: Tensor,
    near_share: float = 0.5,
    statistic: Literal['mean', 'median'] = 'mean',
) -> ScaledDepth:
    """Multiply each depth map by the scale at which it fits its sparse points best.

    With r the ratio of sparse to predicted depth at a point, and points nearer than
    ``near_share`` of the mean depth left out, ``s = mean r``. Gradients flow through
    ``s``. A prediction of almost 0 at one point dominates a mean of ratios.

    Args:
        depth: (B, 1, H, W), not negative.
        sparse: (B, 1, H, W) depth of points, 0 elsewhere.
        mask: (B, 1, H, W), positive where there is a point.
        near_share: Of the mean depth of a sample's points.
        statistic: ``'median'`` of the ratios instead, without gradient through it: an
            option that the original has not.

    Source: Liu et al., TMI 2020 (arXiv 1902.07766), depth scaling layer. Differs in
    that ``spread`` is that of each sample; the program divides deviations (B,) by
    scales (B, 1, 1, 1), which mixes the samples.
    """
    points = (mask > 1e-8).to(depth)
    mean = sum_per_sample(sparse * points) / sum_per_sample(points).clamp(min=1)
    used = (sparse > near_share * mean.view(-1, 1, 1, 1)).to(depth)
    count = sum_per_sample(used)
    ratio = sparse * used / (depth + 1e-8)
    if statistic == 'mean':
        scale = sum_per_sample(ratio) / count.clamp(min=1)
    elif statistic == 'median':
        among = torch.where(used > 0, ratio.detach(), float('nan'))
        scale = among.flatten(1).nanmedian(1).values.nan_to_num(1.0)
    else:
        raise ValueError(f"statistic must be 'mean' or 'median', got {statistic!r}")
    scale = torch.where(count > 0, scale, 1.0)
    factor = scale.view(-1, 1, 1, 1)
    variance = sum_per_sample((ratio - used * factor).square()) / count.clamp(min=1)
    # the root has no gradient at 0, where all points agree
    deviation = torch.where(variance > 0, variance, 1.0).sqrt() * (variance > 0)
    return ScaledDepth(depth * factor, scale, deviation)
