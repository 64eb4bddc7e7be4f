"""From the joints that a network predicts to those that a data set has."""

import numpy as np

from ssltoolbox.datasets.pose.union import UNION_JOINTS, union_indices


def own_joints(values: np.ndarray, layout: str) -> np.ndarray:
    """Select a data set's joints, in its order, from those of the union.

    Args:
        values: Anything by joint, (N, K) or (N, K, ...): in the order of the union
            (K = 24), or already in the data set's own, which is returned unchanged.
        layout: The data set: ``'coco'``, ``'mpii'`` or ``'aic'``.

    Raises:
        ValueError: K is neither.
    """
    chosen = union_indices(layout)
    if values.shape[1] == len(chosen):
        return values
    if values.shape[1] != len(UNION_JOINTS):
        raise ValueError(
            f'{values.shape[1]} joints are neither the {len(chosen)} of {layout!r} nor '
            f'the {len(UNION_JOINTS)} of the union: choose the metric of this data set.'
        )
    return values[:, chosen]
