"""PCKh of MPII, as a metric of the runner."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from mmengine.evaluator import BaseMetric
from scipy.io import loadmat

from ssltoolbox.evaluation.arrays import labelled_joints, to_numpy
from ssltoolbox.evaluation.own_joints import own_joints
from ssltoolbox.evaluation.pckh import head_distances, pckh
from ssltoolbox.registry import METRICS

GROUPS = {
    'Head': (9,),
    'Shoulder': (12, 13),
    'Elbow': (11, 14),
    'Wrist': (10, 15),
    'Hip': (2, 3),
    'Knee': (1, 4),
    'Ankle': (0, 5),
}
PELVIS_AND_THORAX = (6, 7)
HEAD_SHARE = 0.6
"""Head size over the diagonal of the head box, by the definition of PCKh."""

_SHAPES = {
    'pos_gt_src': '16 x 2 x N',
    'jnt_missing': '16 x N',
    'headboxes_src': '2 x 2 x N',
}


@METRICS.register_module()
class MpiiPCKhMetric(BaseMetric):
    """Share of joints at most half a head off, by group of joints, as published.

    ``Head, Shoulder, Elbow, Wrist, Hip, Knee, Ankle``; ``Mean`` over all labelled
    joints but pelvis and thorax; and ``Mean@<threshold>``. All in 0..1, NaN where no
    joint is labelled. Predictions may be in the order of MPII or of the union.

    mmpose's ``MpiiPCKAccuracy`` expects annotations counted from 1, and takes a joint
    that is never labelled for one that is always wrong; hence a metric of our own.

    Args:
        gt_file: ``gt_validation.mat`` (also found as ``gt_valid.mat``): truth and
            head boxes, row by row as in ``validation.json``; the ``id`` of a sample
            is its row, counted from 0. ``None`` takes ``keypoints``,
            ``keypoints_visible`` and ``head_size`` (in px, 0.6 of the box's
            diagonal) from ``gt_instances``.
        thresholds: Distances in heads of the further means. What is published as
            ``Mean@0.1`` was measured at 0.11; ask for 0.11 to compare with it.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Source: Andriluka et al., CVPR 2014; as used by PoseDual (Xie et al., ICCV 2021,
    arXiv 2011.12498).

    Raises:
        FileNotFoundError: ``gt_file`` does not exist.
        ValueError: ``gt_file`` or a sample lacks what the evaluation needs, or they
            do not belong together.
    """

    default_prefix = 'mpii'

    def __init__(
        self,
        gt_file: str | None = None,
        thresholds: Sequence[float] = (0.1, 0.2, 0.3, 0.4),
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.gt_file = gt_file
        self.thresholds = tuple(thresholds)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep predictions, truth, labelled joints and head sizes."""
        for sample in data_samples:
            found = to_numpy(sample['pred_instances']['keypoints'])
            row = self._from_sample(sample)
            if self.gt_file:
                row = self._from_file(int(sample['id']), row[:2])
            truth, labelled, head = row
            if head is None:
                raise ValueError(
                    'MpiiPCKhMetric: a sample has no gt_instances.head_size; give '
                    'gt_file (gt_validation.mat), which holds the head boxes.'
                )
            self.results.append((own_joints(found, 'mpii'), truth, labelled, head))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all samples."""
        points, flags = np.zeros((0, 16, 2)), np.zeros((0, 16), bool)
        empty = (points, points, flags, np.zeros(0))
        found, truth, labelled, heads = (
            np.concatenate(column) for column in zip(empty, *results, strict=True)
        )
        distances = head_distances(found, truth, heads)
        return pckh(distances, labelled, GROUPS, PELVIS_AND_THORAX, self.thresholds)

    @cached_property
    def _truth(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        # Not before the first sample: a config can be built without its data.
        assert self.gt_file
        return read_mpii_truth(self.gt_file)

    def _from_sample(self, sample: dict) -> tuple:
        given = sample['gt_instances']
        head = given.get('head_size')
        return (
            own_joints(to_numpy(given['keypoints']), 'mpii'),
            own_joints(labelled_joints(given), 'mpii'),
            None if head is None else to_numpy(head).reshape(-1),
        )

    def _from_file(self, row: int, annotated: tuple) -> tuple:
        """Row of the file, if it shows the person of the sample."""
        truth, labelled, heads = self._truth
        if not 0 <= row < len(truth):
            raise ValueError(
                f'{self.gt_file} has {len(truth)} rows, but sample id {row} was '
                'evaluated: give the file that belongs to the annotations.'
            )
        both = annotated[1][0] & labelled[row]
        # The two files round differently, by less than this.
        if both.any() and np.median(np.abs(annotated[0][0] - truth[row])[both]) > 2:
            raise ValueError(
                f'{self.gt_file}: row {row} is not the person of sample id {row}; '
                'give the file that belongs to the annotations, whole and in order.'
            )
        return truth[row, None], labelled[row, None], heads[row, None]


def read_mpii_truth(path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read ``gt_validation.mat`` of MPII, or ``gt_valid.mat`` in its place.

    Returns:
        Joints (N, 16, 2) in px counted from 0, labelled (N, 16), head sizes (N,) px.
    """
    usual = Path(path).with_name('gt_valid.mat')
    if not Path(path).is_file():
        if not usual.is_file():
            raise FileNotFoundError(
                f'truth of MPII {path} does not exist. It comes with the annotations '
                'of simple baselines as gt_valid.mat: put it there under either name.'
            )
        path = str(usual)
    try:
        content = loadmat(path)
    except Exception as error:  # scipy raises a dozen kinds on damaged files
        raise ValueError(f'{path} is no readable .mat file: {error}') from None
    for key, shape in _SHAPES.items():
        got = content[key].shape if key in content else 'nothing'
        if got == 'nothing' or ' x '.join(map(str, got[:-1])) + ' x N' != shape:
            raise ValueError(
                f'{path}: expected {key} as {shape}, got {got}; this is not the truth '
                'of MPII (gt_validation.mat).'
            )
    joints, missing, boxes = (content[key] for key in _SHAPES)
    diagonals = np.linalg.norm(boxes[1] - boxes[0], axis=0)
    # MATLAB counts pixels from 1.
    truth = joints.transpose(2, 0, 1).astype(np.float64) - 1
    return truth, missing.T == 0, HEAD_SHARE * diagonals
