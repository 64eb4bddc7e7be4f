import numpy as np
import pytest

from ssltoolbox.evaluation.accept_intervals import accept_intervals, accepted_share


def spread(low, high):
    return np.linspace(low, high, 101)


def test_middle_of_each_gap_is_rejected():
    groups = {1: spread(300, 310), 2: spread(610, 620)}
    # gaps 0..300 and 310..610 of 300 each: thirds of 100
    assert accept_intervals(groups, empty=0, tail=0) == {
        1: (200, 410),
        2: (510, None),
    }
    assert accept_intervals(groups, empty=0, tail=0, ambiguous=1) == {
        1: (300, 310),
        2: (610, None),
    }


def test_overlap_is_rejected():
    groups = {1: spread(300, 500), 2: spread(450, 800)}
    found = accept_intervals(groups, empty=0, tail=0)
    assert found == {1: (pytest.approx(200), 450), 2: (500, None)}


def test_images_without_instrument_are_a_group_that_is_not_accepted():
    groups = {0: spread(10, 30), 1: spread(90, 100)}
    assert accept_intervals(groups, empty=0, tail=0) == {1: (pytest.approx(70), None)}


def test_tails_do_not_widen_the_groups():
    outlier = np.r_[spread(300, 310), 900]
    found = accept_intervals({1: outlier, 2: spread(610, 620)}, empty=0)
    assert found[1][1] < 420


def test_confidence_that_falls_with_certainty_is_open_downwards():
    # entropy: 1 knows nothing
    assert accept_intervals({1: spread(0.4, 0.7)}, empty=1, tail=0) == {
        1: (None, pytest.approx(0.8))
    }


def test_group_within_another_leaves_nothing_of_it():
    groups = {1: spread(100, 900), 2: spread(400, 620)}
    assert accept_intervals(groups, empty=0, tail=0) == {
        1: (pytest.approx(200 / 3), 400)
    }


def test_single_image_is_a_group_and_equal_groups_are_none():
    assert accept_intervals({1: np.array([90.0])}, empty=0) == {
        1: (pytest.approx(60), None)
    }
    both = {1: np.array([90.0]), 2: np.array([90.0])}
    assert accept_intervals(both, empty=90) == {}


def test_share_counts_strictly_inside():
    values = np.array([0, 1, 2, 3, 4.0])
    assert accepted_share(values, [(0, 2), (3, None)]) == pytest.approx(2 / 5)
    assert accepted_share(values, [(None, None)]) == 1
    assert accepted_share(values, []) == 0
