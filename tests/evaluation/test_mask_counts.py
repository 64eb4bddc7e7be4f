import numpy as np
import pytest
import torch

from ssltoolbox.evaluation.mask_counts import (
    class_values,
    count_pixels,
    foreground_accuracy,
    mean_of_known,
    pixel_accuracy,
    ratio,
)


def test_pixels_are_counted_for_each_class():
    found, truth = torch.tensor([0, 0, 1, 1, 2]), torch.tensor([0, 1, 1, 1, 0])
    tp, fp, fn, tn = count_pixels(found, truth, 4)
    assert tp.tolist() == [1, 2, 0, 0]
    assert fp.tolist() == [1, 0, 1, 0]
    assert fn.tolist() == [1, 1, 0, 0]
    assert tn.tolist() == [2, 2, 4, 5]


def test_values_by_head():
    values = class_values(np.array([[2, 0], [1, 0], [3, 0], [4, 10]]))
    np.testing.assert_allclose(values['Dice'], [4 / 8, np.nan])
    np.testing.assert_allclose(values['IoU'], [2 / 6, np.nan])
    np.testing.assert_allclose(values['sensitivity'], [2 / 5, np.nan])
    np.testing.assert_allclose(values['specificity'], [4 / 5, 1])


def test_a_class_that_is_found_but_nowhere_true_has_no_sensitivity():
    values = class_values(np.array([[0], [3], [0], [7]]))
    assert values['Dice'] == values['IoU'] == 0
    assert np.isnan(values['sensitivity'])
    assert values['specificity'] == pytest.approx(0.7)


def test_accuracy_counts_the_background_and_the_other_does_not():
    counts = np.array([[6, 1, 0], [1, 1, 1], [1, 1, 1], [2, 7, 8]])
    assert pixel_accuracy(counts) == pytest.approx(7 / 10)
    assert foreground_accuracy(counts) == pytest.approx(1 / 3)
    both = np.stack([counts, np.zeros_like(counts)])
    np.testing.assert_allclose(pixel_accuracy(both), [0.7, np.nan])


def test_equals_mmseg():
    pytest.importorskip('mmseg')
    from mmseg.evaluation import IoUMetric

    found, truth = torch.randint(0, 3, (2, 40, 50), generator=torch.Generator())
    areas = IoUMetric.intersect_and_union(found, truth, 3, 255)
    theirs = IoUMetric.total_area_to_metrics(*areas, metrics=['mIoU', 'mDice'])
    counts = count_pixels(found, truth, 3)
    np.testing.assert_allclose(class_values(counts)['IoU'], theirs['IoU'])
    np.testing.assert_allclose(class_values(counts)['Dice'], theirs['Dice'])
    np.testing.assert_allclose(class_values(counts)['sensitivity'], theirs['Acc'])
    assert pixel_accuracy(counts) == pytest.approx(theirs['aAcc'])


@pytest.mark.filterwarnings('error')
def test_what_is_undefined_is_left_out_without_a_warning():
    nothing = float('nan')
    values = np.array([[1, nothing], [3, nothing]])
    np.testing.assert_allclose(mean_of_known(values, 0), [2, nothing])
    assert mean_of_known(values) == 2
    np.testing.assert_allclose(ratio([1, 0], [2, 0]), [0.5, nothing])
