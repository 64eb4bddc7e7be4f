"""Average precision and PCKh of AI Challenger, as a metric of the runner."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.evaluator import BaseMetric

from ssltoolbox.datasets.pose.aic import Person
from ssltoolbox.datasets.pose.union import pose_layout
from ssltoolbox.evaluation.aic_ap import average_precision, read_aic_people
from ssltoolbox.evaluation.arrays import labelled_joints, to_numpy
from ssltoolbox.evaluation.own_joints import own_joints
from ssltoolbox.evaluation.pckh import head_distances, pckh
from ssltoolbox.registry import METRICS

HEAD_TOP, NECK = 12, 13
GROUPS = {
    'Head': (HEAD_TOP,),
    'Neck': (NECK,),
    'Shoulder': (0, 3),
    'Elbow': (1, 4),
    'Wrist': (2, 5),
    'Hip': (6, 9),
    'Knee': (7, 10),
    'Ankle': (8, 11),
}
USUAL_HEAD = 95.0
"""Head size in px where head top or neck is not labelled."""


@METRICS.register_module()
class AicMetric(BaseMetric):
    """Official average precision of AI Challenger, and shares of correct joints.

    ``AP`` compares all persons of an image with all predictions of it, see
    :func:`~ssltoolbox.evaluation.aic_ap.average_precision`; it is -1 if there is
    nothing to compare. The rest is as PCKh of MPII, with the distance of head top and
    neck for the head: ``Head, Neck, Shoulder, Elbow, Wrist, Hip, Knee, Ankle``,
    ``Mean`` over all 14 joints and ``Mean@<threshold>``; NaN where no joint is
    labelled. All in 0..1. Predictions may be in the order of AI Challenger or of the
    union.

    Args:
        ann_file: ``keypoint_validation_annotation.json``, or mmpose's conversion.
            Only it tells visible from occluded joints; ``None`` leaves out ``AP``.
            Its images are found by the name in the sample's ``img_path``.
        whole_file: Count images of ``ann_file`` without any prediction as missed, as
            the official evaluation does; else only evaluated images count.
        thresholds: See :class:`~ssltoolbox.evaluation.mpii_pckh.MpiiPCKhMetric`.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Source: AI Challenger (Wu et al., 2017, arXiv 1711.06475); as used by PoseDual
    (Xie et al., ICCV 2021, arXiv 2011.12498).

    Raises:
        ValueError: The file is wrong, or does not know an evaluated image.
    """

    default_prefix = 'aic'

    def __init__(
        self,
        ann_file: str | None = None,
        whole_file: bool = False,
        thresholds: Sequence[float] = (0.1, 0.2, 0.3, 0.4),
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if whole_file and ann_file is None:
            raise ValueError('AicMetric: whole_file=True needs an ann_file.')
        self.ann_file = ann_file
        self.whole_file = whole_file
        self.thresholds = tuple(thresholds)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep image, predictions, truth and labelled joints."""
        for sample in data_samples:
            given = sample['gt_instances']
            columns = (
                to_numpy(sample['pred_instances']['keypoints']),
                to_numpy(given['keypoints']),
                labelled_joints(given),
            )
            found, truth, labelled = (own_joints(c, 'aic') for c in columns)
            image = Path(sample['img_path']).stem
            self.results.append((sample['id'], image, found, truth, labelled))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all samples."""
        # Samples that pad the last distributed batch come twice.
        once = list({row[0]: row[1:] for row in results}.values())
        points, flags = np.zeros((0, 14, 2)), np.zeros((0, 14), bool)
        found, truth, labelled = (
            np.concatenate(column)
            for column in zip(
                (points, points, flags), *(row[1:] for row in once), strict=True
            )
        )
        heads = np.linalg.norm(truth[:, HEAD_TOP] - truth[:, NECK], axis=-1)
        known = labelled[:, HEAD_TOP] & labelled[:, NECK]
        distances = head_distances(found, truth, np.where(known, heads, USUAL_HEAD))
        shares = pckh(distances, labelled, GROUPS, thresholds=self.thresholds)
        if self.ann_file is None:
            return shares
        return {'AP': self._ap(once, read_aic_people(self.ann_file))} | shares

    def _ap(self, rows: list, people: dict[str, list[Person]]) -> float:
        poses: dict[str, list[np.ndarray]] = {}
        for image, found, *_ in rows:
            poses.setdefault(image, []).append(found)
        strange = min(poses.keys() - people.keys(), default=None)
        if strange is not None:
            raise ValueError(
                f'AicMetric: image {strange} was evaluated but is not in '
                f'{self.ann_file}; give the annotation file of this data set.'
            )
        if not self.whole_file:
            people = {image: people[image] for image in poses}
        joined = {image: np.concatenate(found) for image, found in poses.items()}
        return average_precision(people, joined, pose_layout('aic')['sigmas'])
