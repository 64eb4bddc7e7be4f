"""Pixels that a mask has right and wrong, class by class, and what follows from them.

Counts are (..., 4, C): true positives, false positives, false negatives and true
negatives of each class. They add up: those of a set are the sum over its images.
"""

import numpy as np
import torch
from torch import Tensor

BACKGROUND = 0
"""Class that the values of the foreground leave out."""


def count_pixels(found: Tensor, truth: Tensor, num_classes: int) -> np.ndarray:
    """Count the pixels of one mask.

    Args:
        found: Classes, any shape; any device.
        truth: True classes, of the same shape.
        num_classes: C; both hold 0..C-1 alone.

    Returns:
        (4, C) int64: true and false positives, false and true negatives.
    """
    pairs = truth.long() * num_classes + found.long()
    confusion = torch.bincount(pairs.flatten(), minlength=num_classes**2).cpu().numpy()
    confusion = confusion.reshape(num_classes, num_classes)
    right, given, real = np.diag(confusion), confusion.sum(0), confusion.sum(1)
    rest = confusion.sum() - given - real + right
    return np.stack([right, given - right, real - right, rest])


def class_values(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Overlap and error rates of each class, each (..., C) in 0..1.

    ``Dice`` 2 TP / (2 TP + FP + FN), ``IoU`` TP / (TP + FP + FN), ``sensitivity``
    TP / (TP + FN), ``specificity`` TN / (TN + FP). NaN where the denominator is 0: a
    class that is neither found nor true has no Dice and no IoU.

    >>> class_values(np.array([[2], [1], [1], [6]]))['Dice'].round(3)
    array([0.667])
    """
    tp, fp, fn, tn = np.moveaxis(counts, -2, 0)
    return {
        'Dice': ratio(2 * tp, 2 * tp + fp + fn),
        'IoU': ratio(tp, tp + fp + fn),
        'sensitivity': ratio(tp, tp + fn),
        'specificity': ratio(tn, tn + fp),
    }


def pixel_accuracy(counts: np.ndarray) -> np.ndarray:
    """Share of all pixels with the right class, (...); NaN without a pixel."""
    return ratio(counts[..., 0, :].sum(-1), counts[..., 0].sum(-1))


def foreground_accuracy(counts: np.ndarray) -> np.ndarray:
    """Share of the pixels that are not background with the right class, (...)."""
    tp, _, fn, _ = np.moveaxis(counts[..., BACKGROUND + 1 :], -2, 0)
    return ratio(tp.sum(-1), (tp + fn).sum(-1))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide counts; NaN where ``whole`` is 0."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def mean_of_known(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Mean that leaves NaN out; NaN where nothing else is left, without a warning."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0).sum(axis), known.sum(axis))
