import pytest
import torch

from ssltoolbox.evaluation.dense_label import (
    depth_error,
    map_error,
    map_overlap,
    mean_iou,
    pixel_accuracy,
)

TRUTH = torch.tensor([[[0, 0, 1, 1, 2, 2]]])
FOUND = torch.tensor([[[0, 1, 1, 1, 2, 7]]])
ALL = torch.ones(1, 1, 6, dtype=torch.bool)


def test_classes_by_hand():
    assert pixel_accuracy(FOUND, TRUTH, ALL).item() == pytest.approx(4 / 6)
    # classes 0, 1, 2, 7: 1/2, 2/3, 1/2, 0
    assert mean_iou(FOUND, TRUTH, ALL).item() == pytest.approx(5 / 3 / 4)


def test_only_judged_pixels_count():
    judged = ALL.clone()
    judged[..., 5] = False
    assert pixel_accuracy(FOUND, TRUTH, judged).item() == pytest.approx(4 / 5)
    assert mean_iou(FOUND, TRUTH, judged).item() == pytest.approx(
        (1 / 2 + 2 / 3 + 1) / 3
    )


def test_iou_equals_that_of_mmseg():
    from mmseg.evaluation import IoUMetric

    generator = torch.Generator().manual_seed(0)
    found, truth = torch.randint(0, 4, (2, 3, 9, 11), generator=generator)
    areas = IoUMetric.intersect_and_union(found, truth, 4, 255)
    expected = (areas[0] / areas[1]).mean().item()
    judged = torch.ones_like(truth, dtype=torch.bool)
    assert mean_iou(found, truth, judged).item() == pytest.approx(expected)


def test_maps_by_hand():
    found, truth = torch.zeros(2, 1, 3, 2, 2)
    found[0, 0, 0, 0], truth[0, 0, 0, 0], truth[0, 2, 1, 1] = 0.6, 1, 1
    found[0, 1, 0, 1] = -0.2
    judged = torch.ones(1, 1, 2, 2, dtype=torch.bool)
    assert map_error(found, truth, judged).item() == pytest.approx((0.4 + 1 + 0.2) / 12)
    assert map_overlap(found, truth, judged).item() == pytest.approx(0.6 / 2)
    judged[..., 1, 1] = False
    assert map_overlap(found, truth, judged).item() == pytest.approx(0.6)
    assert map_overlap(truth, truth, judged).item() == 1


def test_nothing_to_judge_is_nan():
    none = torch.zeros_like(ALL)
    assert pixel_accuracy(FOUND, TRUTH, none).isnan()
    assert mean_iou(FOUND, TRUTH, none).isnan()
    maps, none = torch.ones(1, 3, 2, 2), torch.zeros(1, 1, 2, 2, dtype=torch.bool)
    assert map_error(maps, maps, none).isnan()
    assert map_overlap(maps, maps, none).isnan()


def test_depth_is_scaled_by_the_median_of_each_sample():
    truth = torch.tensor([[1.0, 2, 4, 8], [1, 1, 1, 0]]).view(2, 1, 1, 4)
    found = 5 * truth
    judged = truth > 0
    assert depth_error(found, truth, judged).item() == pytest.approx(0)
    found[0, ..., 3] *= 1.5
    # one of seven pixels is off by a half
    assert depth_error(found, truth, judged).item() == pytest.approx(0.5 / 7)
    assert depth_error(found, truth, torch.zeros_like(judged)).isnan()
