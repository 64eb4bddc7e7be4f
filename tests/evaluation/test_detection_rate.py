import math

import numpy as np
import pytest

from ssltoolbox.registry import METRICS


def sample(found, truth, scores=None, visible=None):
    found, truth = (np.array(p, float).reshape(-1, 2, 2) for p in (found, truth))
    ones = [np.ones(points.shape[:2]) for points in (found, truth)]
    return dict(
        img_path='a.png',
        pred_instances=dict(
            keypoints=found,
            keypoint_scores=ones[0] if scores is None else np.array(scores),
        ),
        gt_instances=dict(
            keypoints=truth,
            keypoints_visible=ones[1] if visible is None else np.array(visible),
        ),
    )


def evaluate(*samples, **options):
    metric = METRICS.build(dict(type='ssltoolbox.DetectionRateMetric', **options))
    metric.dataset_meta = dict(keypoint_id2name={0: 'tip', 1: 'end'})
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_rates_and_errors_by_hand():
    truth = [[100, 100], [200, 200]]
    result = evaluate(
        sample([[103, 96], [215, 200]], truth), sample([[100, 110], [200, 200]], truth)
    )
    assert result['detection/tip/rate'] == 1
    assert result['detection/end/rate'] == 1 / 2  # 15 px is not below 15 px
    assert result['detection/rate'] == 3 / 4
    assert result['detection/tip/dx'] == 1.5 and result['detection/tip/dy'] == 7
    assert result['detection/end/dx'] == 7.5  # detected or not
    assert result['detection/tip/RMSE'] == pytest.approx(math.sqrt((25 + 100) / 2))
    assert result['detection/end/RMSE'] == 0


def test_missing_predictions_are_not_detected_and_have_no_error():
    truth = [[100, 100], [200, 200]]
    result = evaluate(
        sample([], truth), sample([[101, 100], [0, 0]], truth, scores=[[1, 0.0]])
    )
    assert result['detection/tip/rate'] == 1 / 2
    assert result['detection/tip/dx'] == 1
    assert result['detection/end/rate'] == 0
    assert 'detection/end/dx' not in result and 'detection/end/RMSE' not in result


def test_surest_instrument_is_taken_and_hidden_joints_are_not_judged():
    found = [[[0, 0], [0, 0]], [[100, 100], [0, 0]]]
    result = evaluate(
        sample(
            found,
            [[100, 100], [200, 200]],
            scores=[[0.2, 0.2], [0.5, 0.5]],
            visible=[[1, 0]],
        )
    )
    assert result['detection/rate'] == 1
    assert not any(key.startswith('detection/end') for key in result)


def test_images_without_instrument_are_not_judged_and_two_are_refused():
    assert math.isnan(evaluate(sample([], []))['detection/rate'])
    two = sample([], [[[1, 1], [2, 2]], [[3, 3], [4, 4]]])
    with pytest.raises(ValueError, match=r'a\.png shows 2'):
        evaluate(two)
    with pytest.raises(ValueError, match='above 0'):
        evaluate(threshold=0)
