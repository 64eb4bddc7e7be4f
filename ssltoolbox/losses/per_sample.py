"""Sums over the pixels of each sample."""

from torch import Tensor


def sum_per_sample(maps: Tensor) -> Tensor:
    """Sum (B, ...) over all but the batch, (B,)."""
    return maps.flatten(1).sum(1)
