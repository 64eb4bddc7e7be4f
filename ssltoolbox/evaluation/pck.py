"""Share of correct keypoints: of heatmaps in training, of poses in evaluation."""

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from torch import Tensor

from ssltoolbox.codecs.batched_heatmap import heatmap_argmax
from ssltoolbox.evaluation.arrays import labelled_joints, to_numpy
from ssltoolbox.registry import METRICS

# isort: split
from mmpose.evaluation.functional import keypoint_pck_accuracy

AUC_THRESHOLDS = np.arange(1, 21) / 100


def heatmap_pck(
    output: Tensor, target: Tensor, thr: float = 0.5
) -> tuple[Tensor, Tensor]:
    """Compare the peaks of two sets of heatmaps, cheaply enough for every step.

    A joint counts where the peak of its target lies beyond cell 1 in x and in y
    (an empty target peaks at 0, 0). It is correct when the peaks differ by less
    than ``thr`` tenths of the heatmap: 3.2 cells at 64 x 64. Nothing is read back
    from the device.

    Args:
        output: Heatmaps of the network, (B, K, h, w).
        target: Heatmaps to compare with, (B, K, h, w).
        thr: Largest distance in tenths of the heatmap's sides, exclusive.

    Returns:
        Share of correct samples by joint, (K,) in 0..1, -1 where none counts; and
        its mean over the joints that count, a scalar, 0 if none does.

    Source: the training log of ScarceNet (Li & Lee, CVPR 2023, arXiv 2303.15023).
    """
    height, width = target.shape[-2:]
    found, _ = heatmap_argmax(output)
    wanted, _ = heatmap_argmax(target)
    # By axis, since a tensor of both sides would be a copy to the device.
    dx, dy = (found - wanted).unbind(-1)
    distance = torch.hypot(dx * (10 / width), dy * (10 / height))
    counts = (wanted > 1).all(-1)
    correct = distance < thr
    total = counts.sum(0)
    share = (correct & counts).sum(0) / total.clamp(min=1)
    seen = total > 0
    mean = (share * seen).sum() / seen.sum().clamp(min=1)
    return torch.where(seen, share, -1.0), mean


@METRICS.register_module()
class PCKMetric(BaseMetric):
    """PCK, area under its curve, and errors in pixels, for any set of keypoints.

    A distance is divided by the longer side of the ground-truth box
    (``gt_instances.bboxes``, image px, without the padding of the crop). A labelled
    joint, visible or occluded, is correct when the quotient is below the threshold.
    A share is taken for each joint type over the instances where it is labelled, and
    PCK is the mean over joint types, so that rarely labelled joints weigh the same.

    Values under ``PCK@<threshold>`` and:

    - ``AUC``: mean of the PCK at the thresholds 0.01, 0.02, .. 0.20.
    - ``error_px``, ``rmse_px``: mean and root mean square of the distance in image
      px over all labelled joints, whatever the size of the box.

    Args:
        thresholds: Shares of the box's longer side.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.
    """

    default_prefix = 'pck'

    def __init__(
        self, thresholds: Sequence[float] = (0.05, 0.1, 0.2), **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.thresholds = tuple(thresholds)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep predictions, truth, labelled joints and box sizes."""
        for sample in data_samples:
            given = sample['gt_instances']
            found = to_numpy(sample['pred_instances']['keypoints'])
            truth = to_numpy(given['keypoints'])
            if found.shape != truth.shape:
                raise ValueError(
                    'PCKMetric compares one prediction with each annotation, got '
                    f'keypoints {found.shape} for annotations {truth.shape}: use it '
                    'with a top-down network.'
                )
            boxes = to_numpy(given['bboxes'])
            sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
            self.results.append((found, truth, labelled_joints(given), sides))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all samples; every value is NaN when no joint is labelled."""
        names = [f'PCK@{threshold:g}' for threshold in self.thresholds]
        names += ['AUC', 'error_px', 'rmse_px']
        if not any(labelled.any() for *_, labelled, _ in results):
            return dict.fromkeys(names, float('nan'))
        found, truth, labelled, sides = (
            np.concatenate(column) for column in zip(*results, strict=True)
        )

        def pck(threshold: float) -> float:
            # mmpose writes into the sizes it is given.
            norm = np.repeat(sides[:, None], 2, axis=1)
            return float(
                keypoint_pck_accuracy(found, truth, labelled, threshold, norm)[1]
            )

        distance = np.linalg.norm(found - truth, axis=-1)[labelled].astype(np.float64)
        values = [pck(threshold) for threshold in self.thresholds]
        values.append(float(np.mean([pck(threshold) for threshold in AUC_THRESHOLDS])))
        values += [float(distance.mean()), float(np.sqrt((distance**2).mean()))]
        return dict(zip(names, values, strict=True))
