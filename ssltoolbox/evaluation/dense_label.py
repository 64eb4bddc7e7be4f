"""How good dense pseudo-labels are, where the truth is known.

As in :mod:`~ssltoolbox.evaluation.pseudo_label`, nothing is read back from the device,
and the result is NaN where nothing can be judged.
"""

import torch
from torch import Tensor

CLASSES = 256
"""More than there are: with a fixed number no device is asked for the largest."""


def pixel_accuracy(found: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Share of the judged pixels that have the right class.

    Args:
        found: Classes, (B, h, w) int64.
        truth: True classes, (B, h, w) int64.
        judged: Pixels that count, (B, h, w) bool.

    Returns:
        Scalar in 0..1; NaN if no pixel counts.
    """
    return ((found == truth) & judged).sum() / judged.sum()


def mean_iou(found: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Intersection over union, a mean over the classes found or true somewhere.

    Args:
        found: Classes below 256, (B, h, w) int64.
        truth: True classes, (B, h, w) int64.
        judged: Pixels that count, (B, h, w) bool.

    Returns:
        Scalar in 0..1; NaN if no pixel counts.
    """

    def pixels(classes: Tensor, where: Tensor) -> Tensor:
        counts = torch.zeros(CLASSES, device=classes.device)
        return counts.scatter_add_(0, classes.flatten(), where.flatten().float())

    both = pixels(truth, judged & (found == truth))
    either = pixels(found, judged) + pixels(truth, judged) - both
    seen = either > 0
    return (both / either.clamp(min=1)).sum() / seen.sum()


def map_error(found: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Mean absolute difference of maps.

    Args:
        found: (B, C, h, w).
        truth: (B, C, h, w).
        judged: Cells that count, (B, 1, h, w) bool.

    Returns:
        Scalar; NaN if no cell counts. Most cells are background, so it is small.
    """
    gap = torch.where(judged, (found - truth).abs(), 0.0)
    return gap.sum() / (judged.sum() * found.shape[1])


def map_overlap(found: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Smaller over larger value of two maps, a mean over cells by the larger's square.

    ``sum a b / sum max(a, b)^2``: 1 for equal maps, 0 where each is zero at the other's
    peaks. The square lets peaks count, and neither how much background there is nor
    its noise. Negative values count as 0.

    Args:
        found: (B, C, h, w).
        truth: (B, C, h, w).
        judged: Cells that count, (B, 1, h, w) bool.

    Returns:
        Scalar in 0..1; NaN if nothing is found nor true in the cells that count.
    """
    a, b = (torch.where(judged, maps, 0.0).clamp(min=0) for maps in (found, truth))
    return (a * b).sum() / torch.maximum(a, b).square().sum()


def depth_error(found: Tensor, truth: Tensor, judged: Tensor) -> Tensor:
    """Mean error of depth as a share of the true one (AbsRel), blind to its scale.

    Each sample is first multiplied by the median of true over found depth.

    Args:
        found: (B, 1, h, w), positive.
        truth: (B, 1, h, w), positive where it counts.
        judged: Pixels that count, (B, 1, h, w) bool.

    Returns:
        Scalar, a mean over the pixels; NaN if none counts.
    """
    found, known = found.clamp(min=1e-8), torch.where(judged, truth, 1.0)
    ratio = torch.where(judged, known / found, float('nan'))
    factor = ratio.flatten(1).nanmedian(1).values.nan_to_num(1.0)
    gap = (found * factor.view(-1, 1, 1, 1) - known).abs() / known
    return torch.where(judged, gap, 0.0).sum() / judged.sum()
