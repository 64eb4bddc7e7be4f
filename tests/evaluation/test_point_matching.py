import numpy as np
import pytest

from ssltoolbox.evaluation.point_matching import count_points, rates


def points(*xs):
    return np.array([[x, 0.0] for x in xs]).reshape(-1, 2)


@pytest.mark.parametrize(
    ('found', 'truth', 'tp', 'fp', 'fn'),
    [
        ((), (), 0, 0, 0),
        ((), (0,), 0, 0, 1),
        ((0,), (), 0, 1, 0),
        ((0, 50), (0,), 1, 1, 0),
        ((0,), (0, 50), 1, 0, 1),
        ((19.9,), (0,), 1, 0, 0),
        ((20,), (0,), 0, 1, 1),
        ((100, 3), (0, 104), 2, 0, 0),
    ],
)
def test_what_has_no_partner_is_wrong_or_missed(found, truth, tp, fp, fn):
    counts = count_points(points(*found), points(*truth), 20)
    assert counts[:3].tolist() == [tp, fp, fn]


@pytest.mark.parametrize(
    ('found', 'truth', 'tp', 'fp', 'fn'),
    [
        ((0, 50), (0,), 1, 0, 0),
        ((20,), (0,), 0, 1, 0),
        ((0,), (0, 50), 1, 0, 1),
        ((), (0, 50), 0, 0, 2),
    ],
)
def test_published_counting_forgives_surplus_and_far_pairs(found, truth, tp, fp, fn):
    counts = count_points(points(*found), points(*truth), 20, 'legacy')
    assert counts[:3].tolist() == [tp, fp, fn]


def test_published_counting_misses_by_instrument_though_the_joint_is_hidden():
    counts = count_points(points(0), points(0), 20, 'legacy', instances=2)
    assert counts[:3].tolist() == [1, 0, 1]


def test_a_far_prediction_does_not_part_a_point_from_the_one_upon_it():
    # Squared and whole: 160^2 for (0 | -60 to 100), but 100^2 + 60^2 for the other way.
    found, truth = points(0, -60), points(0, 100)
    assert count_points(found, truth, 20)[:3].tolist() == [1, 1, 1]
    assert count_points(found, truth, 20, 'legacy')[:3].tolist() == [0, 2, 0]


def test_errors_are_of_true_positives_and_for_legacy_of_all_pairs():
    counts = count_points(points(3, 104, 250), points(0, 100, 200), 20, 'legacy')
    values = rates(counts, 'legacy')
    assert values['RMSE'] == pytest.approx(np.sqrt((9 + 16) / 2))
    assert values['error'] == pytest.approx((3 + 4 + 50) / 3)
    assert 'error' not in rates(counts)


def test_rates_by_hand_and_undefined_ones():
    values = rates(np.array([[2, 1, 1, 0, 2, 0], [0, 0, 3, 0, 0, 0], [0] * 6]))
    np.testing.assert_allclose(values['precision'], [2 / 3, np.nan, np.nan])
    np.testing.assert_allclose(values['recall'], [2 / 3, 0, np.nan])
    np.testing.assert_allclose(values['F1'], [2 / 3, 0, np.nan])
    np.testing.assert_allclose(values['RMSE'], [0, np.nan, np.nan])


def test_pairs_are_the_best_of_all_orders():
    """Against every permutation, with costs cut at the threshold."""
    from itertools import permutations

    rng = np.random.default_rng(0)
    for _ in range(20):
        found, truth = rng.uniform(0, 60, (2, 4, 2))
        squared = ((found[:, None] - truth) ** 2).sum(-1)
        cut = np.minimum(squared, 20**2)
        best = min(cut[range(4), order].sum() for order in permutations(range(4)))
        tp, *_, squares, _, _ = count_points(found, truth, 20)
        assert squares + (4 - tp) * 400 == pytest.approx(best)
