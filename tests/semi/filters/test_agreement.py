import math

import pytest
import torch

from ssltoolbox.geometry.view import View
from ssltoolbox.semi.filters.agreement import AgreementFilter
from ssltoolbox.semi.pseudo_label import PseudoLabel

VIEW = View(torch.eye(3, dtype=torch.double)[None], (64, 64))


def label(*points, score=1.0, view=VIEW):
    value = torch.tensor([points], dtype=torch.float32)
    score = torch.full(value.shape[:2], score)
    return PseudoLabel(value, torch.ones_like(score), score, view)


@pytest.mark.parametrize('gap, kept', [(0, 1), (1.9, 1), (2, 0), (9, 0)])
def test_the_bound_is_in_cells_and_exclusive(gap, kept):
    # half a cell of 4 px is 2 px
    agree = AgreementFilter(max_dist=0.5, stride=4, mode='centered')
    assert agree(label((10, 20)), label((10 + gap, 20))).tolist() == [[bool(kept)]]
    assert agree(label((10 + gap, 20)), label((10, 20))).tolist() == [[bool(kept)]]


def test_distance_is_that_of_the_plane():
    # 3 and 4 px are 5 px
    agree = AgreementFilter(max_dist=5.1, stride=1, mode='centered')
    assert agree(label((0, 0)), label((3, 4))).item()
    assert not AgreementFilter(max_dist=5, stride=1, mode='centered')(
        label((0, 0)), label((3, 4))
    ).item()


@pytest.mark.parametrize('max_dist, kept', [(0.707, False), (0.708, True)])
def test_two_equal_predictions_are_half_a_diagonal_apart_in_legacy_mode(max_dist, kept):
    assert math.hypot(0.5, 0.5) == pytest.approx(0.7071, abs=1e-4)
    agree = AgreementFilter(max_dist=max_dist, mode='legacy')
    assert agree(label((8, 8)), label((8, 8))).item() is kept


def test_legacy_mode_favours_a_second_prediction_up_and_left():
    agree = AgreementFilter(max_dist=0.6, stride=4, mode='legacy')
    assert agree(label((8, 8)), label((6, 6))).item()
    assert not agree(label((6, 6)), label((8, 8))).item()


@pytest.mark.parametrize('first, second, kept', [
    (0.9, 0.9, True), (0.9, 0.5, False), (0.5, 0.9, False), (0.4, 0.4, False),
])  # fmt: skip
def test_both_scores_must_exceed_the_bound_where_one_is_set(first, second, kept):
    agree = AgreementFilter(mode='centered', min_score=0.5)
    pair = label((8, 8), score=first), label((8, 8), score=second)
    assert agree(*pair).item() is kept
    assert AgreementFilter(mode='centered')(*pair).item()


def test_two_views_are_refused():
    other = View(VIEW.matrix, (64, 64))
    with pytest.raises(ValueError, match='project both predictions to one view'):
        AgreementFilter()(label((0, 0)), label((0, 0), view=other))


@pytest.mark.parametrize(
    'fields', [dict(max_dist=0), dict(stride=-1), dict(mode='centred')]
)
def test_wrong_arguments_are_refused(fields):
    with pytest.raises(ValueError, match='positive|legacy'):
        AgreementFilter(**fields)
