"""One label out of what several networks say of several views of an image."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from ssltoolbox.datasets.transforms.load_mask import IGNORED


class Vote(NamedTuple):
    """What one network says of one view, moved back to the plain view.

    Attributes:
        share: (B, C, H, W) probabilities of the classes.
        weight: What it counts, above 0.
        known: (B, 1, H, W) bool, where the view saw the image; None for everywhere.
    """

    share: Tensor
    weight: float = 1.0
    known: Tensor | None = None


class Fused(NamedTuple):
    """What all of them say together.

    Attributes:
        share: (B, C, H, W) float32, mean probabilities of the classes.
        disagreement: (B,) share of the pixels to which at least one of them gives
            another class than the fused one.
    """

    share: Tensor
    disagreement: Tensor


def fuse(votes: Iterable[Vote]) -> Fused:
    """Average probabilities in float32.

    Votes are taken one by one and none is kept, so that memory depends on no number
    of networks or views. The plain mean is Semi-Seg's, after Radosavovic et al., Data
    Distillation, CVPR 2018; weights are ours.

    Args:
        votes: One or more, the first known everywhere.

    Raises:
        ValueError: There is none.
    """
    total = weights = first = disputed = None
    for share, weight, known in votes:
        # argmax over few classes takes many times as long on a CPU
        classes = share.max(1).indices
        if total is None:
            total, weights = share.float() * weight, weight
            # where all name the same class, the fused one is no other
            first, disputed = classes, torch.zeros_like(classes, dtype=torch.bool)
            continue
        if known is None:
            total.add_(share, alpha=weight)
            weights = weights + weight
            disputed |= classes != first
        else:
            total += share * (weight * known)
            weights = weights + weight * known
            disputed |= (classes != first) & known[:, 0]
    if total is None:
        raise ValueError('nothing to fuse: give one network or more')
    return Fused(total / weights, disputed.float().mean((-2, -1)))


def decide(share: Tensor, threshold: float = 0.0) -> tuple[Tensor, Tensor]:
    """Choose the likeliest class of each pixel.

    Args:
        share: (C, H, W) or (B, C, H, W) probabilities.
        threshold: Pixels of a lower confidence get the class 255, which is ignored.

    Returns:
        Classes int64 and confidences, (H, W) or (B, H, W).
    """
    confidence, classes = share.max(-3)
    if threshold > 0:
        classes = torch.where(confidence < threshold, IGNORED, classes)
    return classes, confidence
