"""How good pseudo-labels are, where the truth is known.

Plain tensor functions: nothing is read back from the device, so that they may run in
any training step. Where nothing can be judged the result is NaN, which a caller must
skip rather than average. Distances are shares of the longer side of the crop.
"""

import torch
from torch import Tensor


def kept_share(weight: Tensor) -> Tensor:
    """Share of the joints that a filter keeps.

    Args:
        weight: Weights of the pseudo-labels, (B, K); kept where above 0.

    Returns:
        Scalar in 0..1; NaN for an empty tensor.
    """
    return (weight > 0).float().mean()


def precision(
    pseudo_xy: Tensor,
    truth_xy: Tensor,
    truth_visible: Tensor,
    kept: Tensor,
    size: tuple[int, int],
    max_dist: float = 0.1,
) -> Tensor:
    """Share of the kept joints that are right.

    Args:
        pseudo_xy: Pseudo-labels, (B, K, 2) in px of the crop.
        truth_xy: Annotation, (B, K, 2) in px of the same crop.
        truth_visible: Joints with an annotation, (B, K); others are not judged.
        kept: Joints that the filter keeps, (B, K), bool or weights.
        size: Width and height of the crop in px.
        max_dist: A joint is right up to this share of the crop's longer side.

    Returns:
        Scalar in 0..1; NaN if no kept joint has an annotation.
    """
    judged = (kept > 0) & (truth_visible > 0)
    right = _distance(pseudo_xy, truth_xy, size) <= max_dist
    return (right & judged).sum() / judged.sum()


def recall(
    pseudo_xy: Tensor,
    truth_xy: Tensor,
    truth_visible: Tensor,
    kept: Tensor,
    size: tuple[int, int],
    max_dist: float = 0.1,
) -> Tensor:
    """Share of the annotated joints that are kept and right.

    Args:
        pseudo_xy: See :func:`precision`, like all others.
        truth_xy: (B, K, 2).
        truth_visible: (B, K).
        kept: (B, K).
        size: Width and height of the crop in px.
        max_dist: A joint is right up to this share of the crop's longer side.

    Returns:
        Scalar in 0..1; NaN if no joint has an annotation.
    """
    annotated = truth_visible > 0
    right = _distance(pseudo_xy, truth_xy, size) <= max_dist
    return (right & annotated & (kept > 0)).sum() / annotated.sum()


def mean_error(
    pseudo_xy: Tensor,
    truth_xy: Tensor,
    truth_visible: Tensor,
    kept: Tensor,
    size: tuple[int, int],
) -> Tensor:
    """Mean distance of the kept joints from the truth.

    Args:
        pseudo_xy: See :func:`precision`, like all others.
        truth_xy: (B, K, 2).
        truth_visible: (B, K).
        kept: (B, K).
        size: Width and height of the crop in px.

    Returns:
        Scalar share of the crop's longer side; NaN if no kept joint has an annotation.
    """
    judged = (kept > 0) & (truth_visible > 0)
    distance = _distance(pseudo_xy, truth_xy, size)
    # Not a product: coordinates of joints without annotation may be NaN.
    return torch.where(judged, distance, 0.0).sum() / judged.sum()


def _distance(a: Tensor, b: Tensor, size: tuple[int, int]) -> Tensor:
    return (a - b).float().norm(dim=-1) / max(size)
