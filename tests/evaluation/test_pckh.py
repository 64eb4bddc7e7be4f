import numpy as np
import pytest

from ssltoolbox.evaluation.pckh import head_distances, pckh

GROUPS = {'Hand': (0, 1), 'Foot': (2,)}


def test_distances_are_counted_in_heads():
    found, truth = np.array([[[3.0, 4.0]], [[6.0, 8.0]]]), np.zeros((2, 1, 2))
    distances = head_distances(found, truth, np.array([10.0, 0.0]))
    np.testing.assert_array_equal(distances, [[0.5], [np.inf]])


def test_half_a_head_is_still_correct():
    values = pckh(np.array([[0.5, 0.51, 0]]), np.ones((1, 3), bool), GROUPS)
    assert values == pytest.approx({'Hand': 0.5, 'Foot': 1, 'Mean': 2 / 3})


def test_sides_weigh_the_same_in_a_group_and_joints_in_the_mean():
    distances = np.array([[0.0, 9, 0], [0, 0, 0], [0, 0, 0]])
    labelled = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0]], bool)
    values = pckh(distances, labelled, GROUPS)
    # left 3 of 3, right 0 of 1
    assert values['Hand'] == 0.5 and values['Mean'] == 0.75
    assert np.isnan(values['Foot'])


def test_a_side_that_is_never_labelled_does_not_count():
    labelled = np.array([[1, 0, 1]], bool)
    assert pckh(np.zeros((1, 3)), labelled, GROUPS)['Hand'] == 1


def test_means_leave_out_joints_and_take_further_distances():
    distances, labelled = np.array([[0.1, 0.15, 0.0]]), np.ones((1, 3), bool)
    values = pckh(distances, labelled, GROUPS, (2,), (0.1, 0.2))
    assert values['Foot'] == 1
    assert (values['Mean'], values['Mean@0.1'], values['Mean@0.2']) == (1, 0.5, 1)


def test_a_head_without_size_finds_nothing():
    distances = head_distances(np.zeros((1, 3, 2)), np.zeros((1, 3, 2)), np.zeros(1))
    assert pckh(distances, np.ones((1, 3), bool), GROUPS)['Mean'] == 0


def test_nobody_gives_nan():
    values = pckh(np.zeros((0, 3)), np.zeros((0, 3), bool), GROUPS, (), (0.1,))
    assert list(values) == ['Hand', 'Foot', 'Mean', 'Mean@0.1']
    assert np.isnan(list(values.values())).all()
