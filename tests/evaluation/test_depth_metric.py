import math

import pytest
import torch
from mmengine.structures import BaseDataElement, PixelData

from ssltoolbox.evaluation.depth_errors import ERRORS, depth_errors
from ssltoolbox.evaluation.depth_metric import DepthMetric


def maps(*values):
    return torch.tensor(values).view(1, 1, 1, -1)


def test_errors_by_hand():
    depth, truth = maps(1.0, 3.0, 8.0), maps(2.0, 2.0, 1.0)
    found = depth_errors(depth, truth, maps(1.0, 1.0, 0.0))
    logs = math.log(2) ** 2, math.log(1.5) ** 2
    expected = {
        'AbsRel': 0.5,
        'SqRel': 0.5,
        'RMSE': 1.0,
        'RMSElog': (sum(logs) / 2) ** 0.5,
        'delta1': 0.0,
        'delta2': 0.5,
        'delta3': 0.5,
    }
    assert {k: v.item() for k, v in found.items()} == pytest.approx(expected)
    assert tuple(found) == ERRORS


def test_a_frame_without_points_is_nan():
    found = depth_errors(maps(1.0, 0.0), maps(1.0, 1.0), maps(0.0, 0.0))
    assert all(value.isnan().all() for value in found.values())


def test_depth_of_0_is_finite():
    found = depth_errors(maps(0.0), maps(1.0), maps(1.0))
    assert found['AbsRel'] == 1 and found['RMSElog'].isfinite()


def sample(depth, points, truth=None, valid=None):
    depth, points = (torch.tensor(v).view(1, 1, -1) for v in (depth, points))
    one = BaseDataElement(metainfo=dict(img_path='bag_1/frame.jpg'))
    one.pred_depth = PixelData(data=depth)
    nothing = torch.zeros(4, *points.shape[1:])
    sparse = torch.cat([points, (points > 0).float(), nothing])
    one.sparse = PixelData(data=sparse)
    one.valid = PixelData(data=torch.ones_like(depth) if valid is None else valid)
    if truth is not None:
        one.truth = PixelData(data=torch.tensor(truth).view(1, 1, -1))
    return one.to_dict()


def measured(*samples, **fields):
    metric = DepthMetric(**fields)
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_frames_are_scaled_to_their_points_each():
    right = sample([1.0, 2.0, 5.0], [3.0, 6.0, 0.0])
    wrong = sample([1.0, 1.0, 5.0], [2.0, 4.0, 0.0])  # scale 3
    found = measured(right, wrong)
    assert found['depth/AbsRel'] == pytest.approx((0 + (0.5 + 0.25) / 2) / 2)
    assert found['depth/delta1'] == pytest.approx(0.5)


def test_every_valid_pixel_is_judged_where_the_truth_is_known():
    valid = torch.tensor([1.0, 1, 1, 0]).view(1, 1, -1)
    one = sample([1.0, 2, 4, 4], [3.0, 6, 0, 0], [3.0, 6, 6, 1], valid)
    # after the scale of 3: 3, 6, 12
    assert measured(one, dense=True)['depth/AbsRel'] == pytest.approx(1 / 3)
    assert measured(one)['depth/AbsRel'] == pytest.approx(0, abs=1e-6)
    named = measured(one, dense=True, prefix='dense')
    assert 'dense/AbsRel' in named


def test_the_median_of_the_ratios_can_scale():
    one = sample([1.0, 1.0, 1.0], [2.0, 2.0, 3.0])
    assert measured(one, scale='median')['depth/AbsRel'] == pytest.approx(1 / 9)
    assert measured(one)['depth/AbsRel'] == pytest.approx((1 / 6 + 1 / 6 + 2 / 9) / 3)


def test_frames_without_points_are_left_out():
    empty, right = sample([1.0, 2.0], [0.0, 0.0]), sample([1.0, 2.0], [3.0, 6.0])
    assert measured(empty, right)['depth/AbsRel'] == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match='in none of 2 frames any depth is known'):
        measured(empty, empty)


def test_dense_errors_need_the_truth():
    with pytest.raises(ValueError, match='bag_1/frame.jpg has no true depth'):
        measured(sample([1.0], [1.0]), dense=True)
