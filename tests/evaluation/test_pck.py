import math

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from ssltoolbox.evaluation.pck import heatmap_pck
from ssltoolbox.registry import METRICS


def maps(*peaks, size=(20, 20)):
    """One sample, one map per (x, y); None leaves the map empty."""
    out = torch.zeros(1, len(peaks), *size)
    for joint, peak in enumerate(peaks):
        if peak:
            out[0, joint, peak[1], peak[0]] = 1
    return out


def test_threshold_is_half_a_tenth_of_the_map_and_exclusive():
    # 20 cells: the unit is 2 cells, so less than 1 cell is demanded.
    target = maps((10, 10), (10, 10))
    share, mean = heatmap_pck(maps((10, 10), (11, 10)), target)
    assert share.tolist() == [1, 0]
    assert mean.item() == 0.5
    share, _ = heatmap_pck(maps((10, 10), (11, 10)), target, thr=0.51)
    assert share.tolist() == [1, 1]


def test_joints_count_beyond_cell_one_in_both_directions():
    target = maps((2, 2), (1, 10), (10, 1), None)
    share, mean = heatmap_pck(target, target)
    assert share.tolist() == [1, -1, -1, -1]
    assert mean.item() == 1


def test_mean_is_over_joints_not_over_samples():
    target = torch.cat([maps((5, 5), (9, 9)), maps((5, 5), None), maps((5, 5), None)])
    output = torch.cat([maps((5, 5), (2, 2)), maps((5, 5), None), maps((9, 5), None)])
    share, mean = heatmap_pck(output, target)
    assert share.tolist() == pytest.approx([2 / 3, 0])
    assert mean.item() == pytest.approx(1 / 3)


def test_width_scales_x_and_height_scales_y():
    size = (20, 40)  # units: 4 cells in x, 2 cells in y
    target = maps((10, 10), (10, 10), size=size)
    share, _ = heatmap_pck(maps((11, 10), (10, 11), size=size), target)
    assert share.tolist() == [1, 0]


def test_no_joint_that_counts_gives_zero():
    share, mean = heatmap_pck(maps((5, 5)), maps(None))
    assert share.tolist() == [-1] and mean.item() == 0


def sample(found, truth, visible, box=(0, 0, 100, 50)):
    as_array = lambda points: np.array([points], np.float32)  # noqa: E731
    return {
        'pred_instances': {'keypoints': as_array(found)},
        'gt_instances': {
            'keypoints': as_array(truth),
            'keypoints_visible': as_array(visible),
            'bboxes': as_array(box),
        },
    }


def evaluate(samples, type='ssltoolbox.PCKMetric', **options):
    metric = METRICS.build(dict(type=type, **options))
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_distance_is_measured_in_longer_box_sides():
    # Longer side 100 px; the joints are 0, 4.5, 8.5 and (not labelled) 1000 px off.
    truth = [[10, 10]] * 4
    found = [[10, 10], [14.5, 10], [10, 18.5], [1010, 10]]
    result = evaluate([sample(found, truth, [1, 1, 1, 0])])
    assert result['pck/PCK@0.05'] == pytest.approx(2 / 3)
    assert result['pck/PCK@0.1'] == pytest.approx(1)
    assert result['pck/error_px'] == pytest.approx(13 / 3)
    assert result['pck/rmse_px'] == pytest.approx(math.sqrt(92.5 / 3))
    # Correct at 20, 16 (0.05..) and 12 (0.09..) of the 20 thresholds.
    assert result['pck/AUC'] == pytest.approx((20 + 16 + 12) / 60)


def test_joint_types_weigh_the_same_however_often_they_are_labelled():
    good, bad = [[10, 10], [90, 90]], [[10, 10], [10, 10]]
    samples = [sample(good, good, [1, 0])] * 3 + [sample(bad, good, [1, 1])]
    assert evaluate(samples)['pck/PCK@0.1'] == pytest.approx(0.5)


def test_equals_the_metric_of_mmpose():
    init_default_scope('mmpose')
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(12):
        truth = rng.uniform(0, 100, (5, 2))
        found = truth + rng.normal(0, 10, (5, 2))
        box = [3, 5, *rng.uniform(60, 120, 2)]
        samples.append(sample(found, truth, rng.integers(0, 2, 5), box))
    for item in samples:
        for field in ('keypoints', 'bboxes'):
            item['gt_instances'][field].flags.writeable = False
    ours = evaluate(samples)
    for threshold in (0.05, 0.1, 0.2):
        theirs = evaluate(samples, type='mmpose.PCKAccuracy', thr=threshold)
        assert ours[f'pck/PCK@{threshold}'] == pytest.approx(theirs['PCK'])


def test_visibility_may_carry_weights_and_predictions_may_be_tensors():
    item = sample([[10, 10], [50, 50]], [[10, 10], [10, 10]], [1, 0])
    visible = item['gt_instances']['keypoints_visible']
    item['gt_instances']['keypoints_visible'] = np.dstack([visible, visible * 0])
    item['pred_instances']['keypoints'] = torch.tensor([[[10, 10], [50, 50.0]]])
    assert evaluate([item])['pck/PCK@0.05'] == 1


def test_nothing_labelled_gives_nan():
    for samples in ([], [sample([[1, 1]], [[1, 1]], [0])]):
        result = evaluate(samples, thresholds=[0.3])
        assert list(result) == [
            f'pck/{k}' for k in 'PCK@0.3 AUC error_px rmse_px'.split()
        ]
        assert all(math.isnan(value) for value in result.values())


def test_several_predictions_for_one_annotation_are_refused():
    item = sample([[1, 1]], [[1, 1]], [1])
    item['pred_instances']['keypoints'] = np.zeros((2, 1, 2))
    with pytest.raises(ValueError, match=r'\(2, 1, 2\) for annotations \(1, 1, 2\)'):
        evaluate([item])
