"""Precision, recall and error of the joints of instruments, any number to an image."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ssltoolbox.evaluation.arrays import labelled_joints, to_numpy
from ssltoolbox.evaluation.point_matching import FIELDS, Counting, count_points, rates
from ssltoolbox.registry import METRICS


@METRICS.register_module()
class ToolKeypointMetric(BaseMetric):
    """Find the joints of all instruments of an image: each joint is judged alone.

    Found and true joints of an image are paired joint by joint, see
    :func:`~ssltoolbox.evaluation.point_matching.count_points`; which instrument a
    joint was given to plays no part. ``F1``, ``precision``, ``recall`` and
    ``RMSE`` (px, over true positives) are

    - ``F1``: the mean over the joints, at the first threshold;
    - ``F1@<threshold>``: at each of the others;
    - ``<joint>/F1``, ``<joint>/F1@<threshold>``: of one joint;
    - ``<sequence>/F1``: of a sequence or a subset of them, mean over joints.

    What is undefined, such as the recall of a joint that is nowhere in the truth, is
    left out: of the means, and of the values of joints and sequences; a line in the
    log names such joints. The means themselves are always there, NaN without any value.

    Predictions are ``pred_instances.keypoints`` (M, K, 2) px of the image with
    ``keypoint_scores`` (M, K); the truth is ``gt_instances.keypoints`` (N, K, 2) px of
    the image with ``keypoints_visible`` (N, K). M and N may differ, and be 0.

    Args:
        thresholds: Distances in px of the image below which (strictly) a joint is
            found. Published: 20 for EndoVis.
        counting: ``'standard'``, or ``'legacy'`` for the published counting, which
            adds ``error``: the mean distance of all pairs in px.
        min_score: A joint was predicted where its score is above this value.
        sequence: Regular expression whose first group is the sequence in a frame's
            name (``frame`` of the sample, else its file's name without suffix), such
            as ``r'_([a-z]+[0-9]+)$'``. None gives no values by sequence.
        subsets: Sequences by the name of their subset, to be judged as one.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Source: Kayhan et al., arXiv 1912.04618, and its released ``evaluate.py``.
    """

    default_prefix = 'tool'

    def __init__(
        self,
        thresholds: Sequence[float] = (20,),
        counting: Counting = 'standard',
        min_score: float = 0.0,
        sequence: str | None = None,
        subsets: Mapping[str, Sequence[str]] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if not thresholds or min(thresholds) <= 0:
            raise ValueError(
                f'thresholds are distances in px above 0, got {thresholds}'
            )
        if counting not in get_args(Counting):
            raise ValueError(
                f"counting is 'standard' or 'legacy', got {counting!r}: see "
                'ToolKeypointMetric'
            )
        if subsets and sequence is None:
            raise ValueError(
                'subsets are made of sequences: give the regular expression that finds '
                "them in a frame's name as sequence"
            )
        self.thresholds = tuple(thresholds)
        self.counting, self.min_score = counting, min_score
        self.sequence = re.compile(sequence) if sequence else None
        self.subsets = {name: frozenset(s) for name, s in (subsets or {}).items()}

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count the joints of each image."""
        for sample in data_samples:
            counts = self._count(sample['pred_instances'], sample['gt_instances'])
            self.results.append((self._sequence_of(sample), counts))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Add up the counts of all images."""
        if not results:
            results = [('', np.zeros((len(self.thresholds), 0, len(FIELDS))))]
        total = np.sum([counts for _, counts in results], axis=0)
        joints = self._joint_names(total.shape[1])
        values: dict[str, float] = {}
        for threshold, row in zip(self.thresholds, total, strict=True):
            at = '' if threshold == self.thresholds[0] else f'@{threshold:g}'
            by_joint = rates(row, self.counting)
            values |= {f'{key}{at}': _mean(v) for key, v in by_joint.items()}
            for key, column in by_joint.items():
                values |= {
                    f'{joint}/{key}{at}': float(value)
                    for joint, value in zip(joints, column, strict=True)
                    if not np.isnan(value)
                }
        self._name_absent(joints, total[0])
        return values | self._by_sequence(results)

    def _count(self, found: dict, given: dict) -> np.ndarray:
        """(thresholds, K, 6) counts of one image."""
        points, truth = (to_numpy(part['keypoints']) for part in (found, given))
        scores, seen = to_numpy(found['keypoint_scores']), labelled_joints(given)
        if points.shape[1:] != truth.shape[1:]:
            raise ValueError(
                f'predictions {points.shape} and truth {truth.shape} have other '
                "joints: the network's outputs must be those of the data set"
            )
        shown, instances = scores > self.min_score, int(seen.any(1).sum())

        def joint(k: int, threshold: float) -> np.ndarray:
            return count_points(
                points[shown[:, k], k],
                truth[seen[:, k], k],
                threshold,
                self.counting,
                instances,
            )

        joints = range(truth.shape[1])
        return np.array([[joint(k, t) for k in joints] for t in self.thresholds])

    def _sequence_of(self, sample: dict) -> str:
        if self.sequence is None:
            return ''
        frame = sample.get('frame') or Path(sample.get('img_path', '')).stem
        match = self.sequence.search(frame)
        if match is None or not match.groups():
            raise ValueError(
                f'sequence={self.sequence.pattern!r} finds no sequence in the frame '
                f'{frame!r}: its first group is to be the name of the sequence'
            )
        return match[1]

    def _by_sequence(self, results: list) -> dict[str, float]:
        if self.sequence is None:
            return {}
        names = {name for name, _ in results if name}
        groups = {name: frozenset([name]) for name in sorted(names)} | self.subsets
        values = {}
        for group, members in groups.items():
            parts = [counts[0] for name, counts in results if name in members]
            if parts:
                by_joint = rates(np.sum(parts, axis=0), self.counting)
                values |= {f'{group}/{key}': _mean(v) for key, v in by_joint.items()}
        return {key: value for key, value in values.items() if not np.isnan(value)}

    def _joint_names(self, count: int) -> list[str]:
        names = (self.dataset_meta or {}).get('keypoint_id2name') or {}
        return [names.get(k, f'joint_{k}') for k in range(count)]

    def _name_absent(self, joints: list[str], counts: np.ndarray) -> None:
        absent = [
            joint
            for joint, (tp, _, fn, *_) in zip(joints, counts, strict=True)
            if tp + fn == 0 and self.counting == 'standard'
        ]
        if absent:
            print_log(
                f'{", ".join(absent)}: nowhere in the truth, so without a recall, and '
                'left out of its mean',
                'current',
            )


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float('nan')
