"""Overlap of predicted and true masks: pooled, per image and per class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from torch import Tensor

from ssltoolbox.datasets.transforms.load_mask import IGNORED
from ssltoolbox.registry import METRICS

from . import surface_distance
from .mask_counts import (
    BACKGROUND,
    class_values,
    count_pixels,
    foreground_accuracy,
    mean_of_known,
    pixel_accuracy,
)


@METRICS.register_module()
class MaskMetric(BaseMetric):
    """Dice, IoU, accuracy, sensitivity, specificity and HD95 of masks.

    Everything is measured in the size of the true mask: of the image, if the mask is
    read after the view. Pixels of class 255 do not count. Class 0 is the background.

    **Select checkpoints by** ``Dice``: pixels are counted over the whole set, Dice is
    taken for each class but the background, and averaged. With two classes it is the
    Dice of class 1, as in the original Semi-Seg; with more, the original's selection
    metric is ``Dice_with_background``.

    Values are fractions in 0..1, HD95 is in pixels of the image:

    - ``Dice``, ``IoU``, ``sensitivity``, ``specificity``: mean over the foreground
      classes of the pooled values, see
      :func:`~ssltoolbox.evaluation.mask_counts.class_values`.
    - ``<value>_<class>``: of one foreground class; blanks of its name become ``_``.
    - ``<value>_per_image``: for each class the mean over the images; then the mean over
      the classes. Small objects weigh as much as large ones.
    - ``accuracy``, ``accuracy_per_image``: share of right pixels, the background's too.
      ``foreground_accuracy``: pooled share of right pixels among the foreground's.
    - ``Dice_with_background``, ``IoU_with_background``: pooled mean over all classes;
      only for three classes or more.
    - ``HD95``, ``HD95_<class>``: mean over the images in which a class is both found
      and true, see :func:`~ssltoolbox.evaluation.surface_distance.hausdorff95`.
      ``HD95_undefined`` counts the others: class and image pairs in which only one of
      both is the case, so that a network that finds little does not look good.

    What is undefined is left out of every mean, and NaN if nothing is left: a class
    neither found nor true, in an image or in the whole set.

    Args:
        surface: Measure HD95, which takes longer than the rest. Without MONAI it is
            left out, and the log says so once.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: Classes are not named, or masks are absent, of another size or of
            other classes.

    Source: the counts are those of fastai's ``Dice``, ``DiceMulti`` and
    ``JaccardCoeff``, which the original uses; there masks are cropped to the input of
    the network, and the accuracy of the foreground is averaged over batches.
    """

    default_prefix = 'seg'

    def __init__(self, surface: bool = True, **kwargs) -> None:
        super().__init__(**kwargs)
        self.surface = surface

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep the counts of each image, and its distances."""
        num_classes = len(self._classes)
        measure = self.surface and surface_distance.can_measure()
        for sample in data_samples:
            found, truth = _masks(sample, num_classes)
            judged = truth != IGNORED
            counts = count_pixels(found[judged], truth[judged], num_classes)
            distances = None
            if measure:
                ids = torch.arange(BACKGROUND + 1, num_classes, device=truth.device)
                pair = ((m == ids[:, None, None]) & judged for m in (found, truth))
                distances = surface_distance.hausdorff95(*pair)
            self.results.append((counts, distances))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all images."""
        counts = np.stack([each for each, _ in results])
        pooled, names = counts.sum(0), self._names
        by_class, by_image = class_values(pooled), class_values(counts)
        values: dict[str, Any] = {}
        for key, all_classes in by_class.items():
            foreground = all_classes[BACKGROUND + 1 :]
            values[key] = mean_of_known(foreground)
            each = mean_of_known(by_image[key][:, BACKGROUND + 1 :], 0)
            values[f'{key}_per_image'] = mean_of_known(each)
            values |= _named(key, names, foreground)
        values['accuracy'] = pixel_accuracy(pooled)
        values['accuracy_per_image'] = mean_of_known(pixel_accuracy(counts))
        values['foreground_accuracy'] = foreground_accuracy(pooled)
        if len(names) > 1:
            for key in ('Dice', 'IoU'):
                values[f'{key}_with_background'] = mean_of_known(by_class[key])
        distances = [each for _, each in results if each is not None]
        if distances:
            values |= _distances(np.stack(distances), counts, names)
        return {key: float(value) for key, value in values.items()}

    @property
    def _classes(self) -> Sequence[str]:
        classes = (self.dataset_meta or {}).get('classes') or ()
        if len(classes) < 2:
            raise ValueError(
                "MaskMetric needs the names of two or more classes in the data set's "
                f"metainfo, such as classes=('background', 'polyp'), got {classes!r}"
            )
        return classes

    @property
    def _names(self) -> list[str]:
        """Of the foreground classes, without blanks."""
        return ['_'.join(name.split()) for name in self._classes[BACKGROUND + 1 :]]


def _named(key: str, names: list[str], values: np.ndarray) -> dict[str, Any]:
    return {f'{key}_{n}': value for n, value in zip(names, values, strict=True)}


def _distances(
    distances: np.ndarray, counts: np.ndarray, names: list[str]
) -> dict[str, Any]:
    """Mean distances (N, K) px, and how many of them are undefined by an error."""
    each = mean_of_known(distances, 0)
    tp, fp, fn, _ = np.moveaxis(counts[..., BACKGROUND + 1 :], -2, 0)
    one_sided = ((tp + fp) > 0) != ((tp + fn) > 0)
    return {
        'HD95': mean_of_known(each),
        'HD95_undefined': one_sided.sum(),
        **_named('HD95', names, each),
    }


def _masks(sample: dict, num_classes: int) -> tuple[Tensor, Tensor]:
    """Predicted and true classes, (H, W) int64 each."""
    image = sample.get('img_path', 'an image')
    if 'gt_sem_seg' not in sample:
        raise ValueError(
            f'{image} has no gt_sem_seg: MaskMetric needs a true mask for every image. '
            'Read it by ssltoolbox.LoadMask in the pipeline of the data set'
        )
    truth = sample['gt_sem_seg']['data'].squeeze(0).long()
    found = sample['pred_sem_seg']['data'].squeeze(0).to(truth)
    if found.shape != truth.shape:
        raise ValueError(
            f'{image}: the predicted mask has the shape {tuple(found.shape)}, the true '
            f'one {tuple(truth.shape)}. Predictions have the size of the image: read '
            'masks after the view that resizes it (ssltoolbox.LoadMask behind '
            'ssltoolbox.ImageView)'
        )
    real = truth[truth != IGNORED]
    for what, mask in (('predicted', found), ('true', real)):
        wrong = mask[mask >= num_classes]
        if len(wrong):
            raise ValueError(
                f'{image}: the {what} mask has class {int(wrong.max())}, but the '
                f'data set names {num_classes} classes, 0..{num_classes - 1}: give the '
                'network as many (num_classes), or name all in metainfo'
            )
    return found, truth
