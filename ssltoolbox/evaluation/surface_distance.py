"""How far apart the outlines of two masks are, where MONAI is installed."""

import functools
import importlib.util
import logging
import warnings

import numpy as np
import torch
from mmengine.logging import print_log
from torch import Tensor

PERCENTILE = 95


@functools.cache
def can_measure() -> bool:
    """Tell whether MONAI is here; the first time that it is not, log so."""
    if importlib.util.find_spec('monai') is not None:
        return True
    print_log(
        'HD95 is left out: it is measured by MONAI, which is not installed '
        '(pip install monai)',
        'current',
        logging.WARNING,
    )
    return False


def hausdorff95(found: Tensor, truth: Tensor) -> np.ndarray:
    """95th percentile of the distances between two outlines, in pixels.

    The larger of two values: the percentile over the outline that was found of the
    distance to the true one, and the reverse. An outline are the pixels of a mask
    with a direct neighbour outside it.

    Args:
        found: Masks of K classes, (K, H, W) bool.
        truth: True masks, (K, H, W) bool.

    Returns:
        (K,) float; NaN where one of the two masks is empty.

    Source: ``monai.metrics.compute_hausdorff_distance``. Other libraries take the
    percentile over both directions together, which is smaller.
    """
    from monai.metrics import compute_hausdorff_distance

    distances = np.full(len(found), np.nan)
    filled = (found.flatten(1).any(1) & truth.flatten(1).any(1)).cpu().numpy()
    if filled.any():
        chosen = torch.from_numpy(filled)
        masks = (mask.cpu()[chosen][None].float() for mask in (found, truth))
        with warnings.catch_warnings():
            # MONAI calls its own functions in ways that it gives up
            warnings.simplefilter('ignore')
            distance = compute_hausdorff_distance(
                *masks, include_background=True, percentile=PERCENTILE
            )
        distances[filled] = distance[0].numpy()
    return distances
