"""Share of joints found, where an image shows one instrument with all its joints."""

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric

from ssltoolbox.evaluation.arrays import labelled_joints, to_numpy
from ssltoolbox.registry import METRICS


def detection_rates(
    offsets: np.ndarray, judged: np.ndarray, max_dist: float
) -> dict[str, np.ndarray]:
    """Detection rate and errors of each joint.

    Args:
        offsets: Prediction minus truth, (N, K, 2) px; NaN where nothing was predicted.
        judged: Joints with a truth, (N, K) bool.
        max_dist: A joint is detected if its distance is below this, in px.

    Returns:
        Each (K,), NaN where there is nothing to judge. ``rate``: detected share of the
        judged joints in 0..1. ``dx``, ``dy``: mean absolute offset in px of the judged
        joints that were predicted, detected or not. ``RMSE``: root mean square of the
        distance of the detected joints in px.
    """
    squared = (offsets.astype(np.float64) ** 2).sum(-1)
    detected = judged & (squared < max_dist**2)
    predicted = judged & ~np.isnan(squared)

    def mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        with np.errstate(invalid='ignore'):
            return np.where(where, values, 0).sum(0) / where.sum(0)

    return {
        'rate': mean(detected, judged),
        'dx': mean(np.abs(offsets[..., 0]), predicted),
        'dy': mean(np.abs(offsets[..., 1]), predicted),
        'RMSE': np.sqrt(mean(squared, detected)),
    }


@METRICS.register_module()
class DetectionRateMetric(BaseMetric):
    """Judge the best prediction of an image against its one instrument, as for RMIT.

    Values are means over the joints (``rate``, ``dx``, ``dy``, ``RMSE``) and those of
    each joint (``<joint>/rate`` ...), see :func:`detection_rates`. A joint that
    is nowhere in the truth is left out, of the means too.

    Where a network finds several instruments, that with the highest mean score is
    taken. Images that show none are not judged; with two or more they are refused.

    Args:
        threshold: Distance in px of the image below which (strictly) a joint is
            detected. Published: 15 for RMIT.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Source: Kayhan et al., arXiv 1912.04618, and its released ``evaluate.py``; there
    each joint is the maximum of its map, and so always predicted.
    """

    default_prefix = 'detection'

    def __init__(self, threshold: float = 15, **kwargs) -> None:
        super().__init__(**kwargs)
        if threshold <= 0:
            raise ValueError(f'threshold is a distance in px above 0, got {threshold}')
        self.threshold = threshold

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep offsets and judged joints."""
        for sample in data_samples:
            given = sample['gt_instances']
            truth, judged = to_numpy(given['keypoints']), labelled_joints(given)
            truth, judged = truth[judged.any(1)], judged[judged.any(1)]
            if len(truth) > 1:
                raise ValueError(
                    f'DetectionRateMetric judges one instrument, but image '
                    f'{sample.get("img_path", "?")} shows {len(truth)}: use '
                    'ToolKeypointMetric'
                )
            if len(truth):
                best = _best(sample['pred_instances'], truth.shape[1])
                self.results.append((best - truth[0], judged[0]))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all images; every mean is NaN when there is nothing to judge."""
        names = (self.dataset_meta or {}).get('keypoint_id2name') or {}
        if not results:
            return dict.fromkeys(('rate', 'dx', 'dy', 'RMSE'), float('nan'))
        offsets, judged = (np.stack(column) for column in zip(*results, strict=True))
        by_joint = detection_rates(offsets, judged, self.threshold)
        means, values = {}, {}
        for key, column in by_joint.items():
            known = ~np.isnan(column)
            means[key] = float(column[known].mean()) if known.any() else float('nan')
            for k in np.flatnonzero(known):
                values[f'{names.get(k, f"joint_{k}")}/{key}'] = float(column[k])
        return means | values


def _best(found: dict, count: int) -> np.ndarray:
    """(K, 2) joints of the surest instrument, NaN where it has none."""
    points, scores = to_numpy(found['keypoints']), to_numpy(found['keypoint_scores'])
    if not len(points):
        return np.full((count, 2), np.nan)
    best = scores.mean(1).argmax()
    return np.where(scores[best, :, None] > 0, points[best], np.nan)
