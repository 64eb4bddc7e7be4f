"""Share of correct joints by group, with distances measured in heads."""

from collections.abc import Mapping, Sequence

import numpy as np

MAX_DIST = 0.5
"""Heads within which a joint is correct in the published tables."""


def head_distances(
    found: np.ndarray, truth: np.ndarray, head_sizes: np.ndarray
) -> np.ndarray:
    """Distances in heads.

    Args:
        found: Predictions, (N, K, 2) in image px.
        truth: Annotations, (N, K, 2) in image px.
        head_sizes: In image px, (N,).

    Returns:
        (N, K); infinite or NaN, which is never correct, for a head without size.
    """
    distances = np.linalg.norm(found.astype(np.float64) - truth, axis=-1)
    with np.errstate(divide='ignore', invalid='ignore'):
        return distances / head_sizes[:, None]


def pckh(
    distances: np.ndarray,
    labelled: np.ndarray,
    groups: Mapping[str, Sequence[int]],
    uncounted: Sequence[int] = (),
    thresholds: Sequence[float] = (),
) -> dict[str, float]:
    """Share of the labelled joints that are at most half a head off.

    Args:
        distances: In heads, (N, K).
        labelled: (N, K) bool; other joints are not judged.
        groups: Joint indices by name. A group's value is the mean over its joints
            (left and right), whatever their numbers.
        uncounted: Joints left out of the means.
        thresholds: Further distances in heads to give the mean for.

    Returns:
        Each group, ``Mean``, and ``Mean@<threshold>`` in 0..1. In a mean each
        labelled joint counts once. NaN where nothing is labelled.
    """
    counted = np.setdiff1d(np.arange(labelled.shape[1]), uncounted)
    near = {d: (distances <= d) & labelled for d in (MAX_DIST, *thresholds)}

    def group(joints: Sequence[int]) -> float:
        seen = [j for j in joints if labelled[:, j].any()]
        shares = [near[MAX_DIST][:, j].sum() / labelled[:, j].sum() for j in seen]
        return float(np.mean(shares)) if seen else float('nan')

    def mean(max_dist: float) -> float:
        total = labelled[:, counted].sum()
        return float(near[max_dist][:, counted].sum() / total) if total else np.nan

    values = {name: group(joints) for name, joints in groups.items()}
    values['Mean'] = mean(MAX_DIST)
    return values | {f'Mean@{distance:g}': mean(distance) for distance in thresholds}
