"""Counts and errors that the original's evaluation printed."""

import re

import numpy as np

from ssltoolbox.evaluation.detection_rate import detection_rates
from ssltoolbox.evaluation.point_matching import count_points, rates
from ssltoolbox.evaluation.tool_keypoints import ToolKeypointMetric

from ..registry import drives
from ..vectors import Entry

ROWS = ('TP', 'FN', 'FP', 'RMSE', 'precision', 'recall', 'F1', 'error')


def _numbers(text: str) -> np.ndarray:
    """(rows, joints) of the bracketed rows in a printed text."""
    rows = re.findall(r'\[([^\[\]]+)\]', text)
    return np.array([row.split() for row in rows], np.float64)


@drives('ssl2dpose', 'evaluate_endovis_text')
def evaluate_endovis_text(entry: Entry) -> None:
    """Published counting, wherever joints reached it.

    Where one instrument was predicted, the original hands all its joints to the
    counting as candidates of joint 0, and for each other joint an empty entry that is
    at distance 0 from anything (defect 11). So of those frames joint 0 is compared,
    with those candidates; the other columns are no counts of anything predicted.
    """
    for key, (name,) in entry.matching(r'in_(.+)_gt').items():
        truth, found = entry[key], entry[f'in_{name}_pred']
        scale = entry.params['scale']
        whole = len(found) > 1
        ours = _table(truth * scale, found * scale, entry.params['T'], whole)
        printed = _numbers(str(entry[f'out_{name}']))
        assert len(printed) == len(ROWS)
        expected = printed if whole else printed[:, :1]
        entry.check(f'out_{name}', _bare(ours), expected=_bare(expected))


def _bare(table: np.ndarray) -> np.ndarray:
    """Undefined values as -1, since a comparison leaves NaN out."""
    return np.where(np.isnan(table), -1, table)


def _table(
    truth: np.ndarray, found: np.ndarray, threshold: float, whole: bool
) -> np.ndarray:
    """(rows, joints) as they are printed."""
    if whole:
        metric = ToolKeypointMetric([threshold], counting='legacy')
        sample = {
            'pred_instances': dict(
                keypoints=found, keypoint_scores=np.ones(found.shape[:2])
            ),
            'gt_instances': dict(
                keypoints=truth, keypoints_visible=np.ones(truth.shape[:2])
            ),
        }
        metric.process({}, [sample])
        ((_, counts),) = metric.results
        counts = counts[0]
    else:
        counts = count_points(found[0], truth[:, 0], threshold, 'legacy')[None]
    tp, fp, fn = counts[:, :3].T
    values = rates(counts, 'legacy')
    return np.stack([tp, fn, fp, *(values[key] for key in ROWS[3:])])


@drives('ssl2dpose', 'evaluate_rmit_text')
def evaluate_rmit_text(entry: Entry) -> None:
    scale, gap = entry.params['scale'], entry['in_pred_xy'] - entry['in_gt_xy']
    judged = np.ones(gap.shape[:2], bool)
    values = detection_rates(gap * scale, judged, entry.params['T'])
    native = np.stack([values['dx'], values['dy']], 1)
    text = str(entry['out_printed'])
    parts = re.split(r'Scaled:|Unscaled:|Accuracy:|RMSE on detected parts:', text)
    printed = [_numbers(part) for part in parts[1:]]
    ours = [native, native / scale, values['rate'][None], values['RMSE'][None]]
    for mine, theirs in zip(ours, printed, strict=True):
        entry.check('out_printed', mine, expected=theirs)
