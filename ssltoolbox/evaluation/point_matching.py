"""Count found points against true ones, where neither says which belong together."""

from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

Counting = Literal['standard', 'legacy']

FIELDS = ('tp', 'fp', 'fn', 'squares', 'matches', 'distances')
"""What is counted: true and false positives, false negatives, the sum of squared
distances of the true positives in px^2, pairs, and the sum of their distances in px."""


def count_points(
    found: np.ndarray,
    truth: np.ndarray,
    max_dist: float,
    counting: Counting = 'standard',
    instances: int | None = None,
) -> np.ndarray:
    """Pair the points of one joint in one image, and count.

    Pairs are those of the Hungarian method. A pair is a true positive if its distance
    is below ``max_dist``, strictly.

    ``'standard'``
        Every other found point is a false positive, every other true point a false
        negative. Squared distances are cut at ``max_dist`` squared before they are
        added up: else a prediction far from everything would take part in the
        choice, and may separate a point from the prediction that lies upon it.
    ``'legacy'``
        As published: squared distances are not cut, only pairs beyond ``max_dist``
        are false positives, and each instance beyond the number of found points is a
        false negative. Surplus predictions cost nothing.

    Args:
        found: (M, 2) px.
        truth: (N, 2) px.
        max_dist: In px, positive.
        counting: See above.
        instances: Instances in the image, at least N, which legacy counting compares
            with M; N by default.

    Returns:
        (6,) float64 in the order of :data:`FIELDS`.
    """
    squared = cdist(found.reshape(-1, 2), truth.reshape(-1, 2), 'sqeuclidean')
    cost = np.minimum(squared, max_dist**2) if counting == 'standard' else squared
    pairs = squared[linear_sum_assignment(cost)]
    near = pairs[pairs < max_dist**2]
    right = len(near)
    if counting == 'standard':
        wrong, missed = len(found) - right, len(truth) - right
    else:
        wrong = len(pairs) - right
        missed = max(0, (len(truth) if instances is None else instances) - len(found))
    sums = (near.sum(), len(pairs), np.sqrt(pairs).sum())
    return np.array([right, wrong, missed, *sums], np.float64)


def rates(counts: np.ndarray, counting: Counting = 'standard') -> dict[str, np.ndarray]:
    """Precision, recall, F1 and errors of summed counts.

    Args:
        counts: (..., 6), sums of :func:`count_points`.
        counting: As there. Published figures have the mean error of all pairs,
            and no F1 where precision or recall has none.

    Returns:
        ``F1``, ``precision``, ``recall`` in 0..1, ``RMSE`` of the true positives in
        px, for legacy counts ``error`` of all pairs in px, each (...,). NaN is what
        has no value: precision without a prediction, recall without truth, F1
        without either, RMSE without a true positive.
    """
    tp, fp, fn, squares, matches, distances = np.moveaxis(counts, -1, 0)
    with np.errstate(divide='ignore', invalid='ignore'):
        precision, recall = tp / (tp + fp), tp / (tp + fn)
        values = {
            'F1': 2 * tp / (2 * tp + fp + fn),
            'precision': precision,
            'recall': recall,
            'RMSE': np.sqrt(squares / tp),
        }
        if counting == 'legacy':
            values['F1'] = 2 * precision * recall / (precision + recall)
            values['error'] = distances / matches
    return values
