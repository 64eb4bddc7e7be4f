import math

import numpy as np
import pytest
import torch

from ssltoolbox.registry import METRICS

NAMES = ('left', 'right', 'head', 'shaft')
ONE = [[10.0, 10], [10, 60], [60, 10], [60, 60]]
TWO = [[110.0, 10], [110, 60], [160, 10], [160, 60]]


def instances(points, visible):
    points = np.array(points, np.float32).reshape(-1, 4, 2)
    ones = np.ones(points.shape[:2], np.float32)
    return points, ones if visible is None else np.array(visible, np.float32)


def sample(found, truth, scores=None, visible=None, **meta):
    found, scores = instances(found, scores)
    truth, visible = instances(truth, visible)
    return dict(
        pred_instances=dict(keypoints=found, keypoint_scores=scores),
        gt_instances=dict(keypoints=truth, keypoints_visible=visible),
        **meta,
    )


def evaluate(*samples, type='ssltoolbox.ToolKeypointMetric', **options):
    metric = METRICS.build(dict(type=type, **options))
    metric.dataset_meta = dict(keypoint_id2name=dict(enumerate(NAMES)))
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def moved(points, joint, dx):
    points = np.array(points)
    points[joint, 0] += dx
    return points.tolist()


def test_one_joint_of_two_instruments_displaced_by_25_px():
    result = evaluate(
        sample([TWO, moved(ONE, 2, 25)], [ONE, TWO]), thresholds=[20, 25, 26]
    )
    assert result['tool/head/F1'] == result['tool/head/recall'] == 1 / 2
    assert result['tool/head/precision'] == 1 / 2
    assert result['tool/left/F1'] == 1
    assert result['tool/F1'] == (3 + 1 / 2) / 4
    assert result['tool/F1@25'] == result['tool/F1']  # strictly below
    assert result['tool/F1@26'] == 1
    assert result['tool/RMSE'] == 0
    assert result['tool/head/RMSE@26'] == pytest.approx(math.sqrt(25**2 / 2))


def test_no_prediction_is_missed_and_has_no_precision():
    result = evaluate(sample([], [ONE, TWO]))
    assert result['tool/F1'] == result['tool/recall'] == 0
    assert math.isnan(result['tool/precision'])
    assert 'tool/head/precision' not in result and 'tool/head/RMSE' not in result


def test_no_truth_makes_every_prediction_wrong():
    empty = sample([ONE], [])
    assert evaluate(empty)['tool/precision'] == 0
    result = evaluate(empty, sample([ONE], [ONE]))
    assert result['tool/precision'] == 1 / 2 and result['tool/recall'] == 1
    assert result['tool/F1'] == pytest.approx(2 / 3)


def test_surplus_prediction_counts_in_standard_counting_alone():
    surplus = sample([ONE, TWO], [ONE])
    assert evaluate(surplus)['tool/precision'] == 1 / 2
    assert evaluate(surplus, counting='legacy')['tool/precision'] == 1


def test_joints_missing_in_prediction_or_truth():
    # Left is not predicted, right is not in the truth, head in neither.
    result = evaluate(
        sample([ONE], [ONE], scores=[[0, 1, 0, 1]], visible=[[1, 0, 0, 1]])
    )
    assert result['tool/left/recall'] == 0 and 'tool/left/precision' not in result
    assert result['tool/right/precision'] == 0 and 'tool/right/recall' not in result
    assert not any(key.startswith('tool/head') for key in result)
    assert result['tool/shaft/F1'] == 1
    assert result['tool/F1'] == pytest.approx((0 + 0 + 1) / 3)


def test_min_score_drops_weak_joints():
    weak = sample([ONE], [ONE], scores=[[0.2, 1, 1, 1]])
    assert evaluate(weak)['tool/recall'] == 1
    assert evaluate(weak, min_score=0.3)['tool/recall'] == 3 / 4


def test_sequences_and_subsets():
    samples = [
        sample([ONE], [ONE], frame='img_01_test1'),
        sample([], [ONE], frame='img_02_test1'),
        sample([], [ONE], img_path='/data/img_03_test5.jpg'),
        sample([], [], frame='img_04_test6'),
    ]
    result = evaluate(
        *samples,
        sequence=r'_(test\d)$',
        subsets=dict(seen=['test1', 'test2'], unseen=['test5', 'test6']),
    )
    assert result['tool/test1/recall'] == result['tool/seen/recall'] == 1 / 2
    assert result['tool/test5/recall'] == result['tool/unseen/recall'] == 0
    assert 'tool/test6/recall' not in result
    assert result['tool/recall'] == 1 / 3


def test_frame_of_no_sequence_is_named():
    with pytest.raises(ValueError, match="'img_01'"):
        evaluate(sample([], [], frame='img_01'), sequence=r'_(test\d)$')


def test_parts_of_several_processes_add_up():
    """Counts are gathered, so rates do not depend on which process saw what."""
    samples = [sample([ONE], [ONE]), sample([], [TWO]), sample([ONE, TWO], [ONE])]
    parts = []
    for part in (samples[:1], samples[1:]):
        metric = METRICS.build(dict(type='ssltoolbox.ToolKeypointMetric'))
        metric.process({}, part)
        parts += metric.results
    fresh = METRICS.build(dict(type='ssltoolbox.ToolKeypointMetric'))
    together = fresh.compute_metrics(parts)
    assert together['F1'] == evaluate(*samples)['tool/F1']
    assert together['joint_0/recall'] == pytest.approx(2 / 3)


def test_tensors_are_taken_too_and_other_joints_refused():
    item = sample([ONE], [ONE])
    item['pred_instances'] = {
        key: torch.from_numpy(value) for key, value in item['pred_instances'].items()
    }
    assert evaluate(item)['tool/F1'] == 1
    item['pred_instances']['keypoints'] = np.zeros((1, 3, 2))
    with pytest.raises(ValueError, match='other joints'):
        evaluate(item)


def test_no_image_gives_nan():
    result = evaluate()
    assert set(result) == {f'tool/{k}' for k in 'F1 precision recall RMSE'.split()}
    assert all(math.isnan(value) for value in result.values())


@pytest.mark.parametrize(
    ('options', 'word'),
    [
        (dict(thresholds=[0]), 'above 0'),
        (dict(thresholds=[]), 'above 0'),
        (dict(counting='published'), "'published'"),
        (dict(subsets=dict(a=['b'])), 'sequence'),
    ],
)
def test_wrong_settings_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        METRICS.build(dict(type='ssltoolbox.ToolKeypointMetric', **options))
