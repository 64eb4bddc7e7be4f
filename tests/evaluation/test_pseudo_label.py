import pytest
import torch

from ssltoolbox.evaluation.pseudo_label import (
    kept_share,
    mean_error,
    precision,
    recall,
)

SIZE = (200, 100)  # a right joint is at most 20 px off
TRUTH = torch.zeros(1, 4, 2)
PSEUDO = torch.tensor([[[0, 0], [20, 0], [0, 21], [500, 0.0]]])
ALL = torch.ones(1, 4)


def test_kept_share_counts_positive_weights():
    assert kept_share(torch.tensor([[0, 0.3, 2, 0]])).item() == 0.5


def test_precision_counts_up_to_the_distance_included():
    assert precision(PSEUDO, TRUTH, ALL, ALL, SIZE).item() == 0.5
    assert precision(PSEUDO, TRUTH, ALL, ALL, SIZE, max_dist=0.105).item() == 0.75


def test_joints_without_annotation_or_not_kept_are_not_judged():
    visible = torch.tensor([[1, 1, 1, 0]])
    kept = torch.tensor([[True, False, True, True]])
    assert precision(PSEUDO, TRUTH, visible, kept, SIZE).item() == 0.5
    assert mean_error(PSEUDO, TRUTH, visible, kept, SIZE).item() == pytest.approx(
        10.5 / 200
    )


def test_recall_counts_annotated_joints():
    visible = torch.tensor([[1, 1, 1, 0]])
    kept = torch.tensor([[1, 0, 1, 1.0]])
    # Of three annotated joints one is kept and right.
    assert recall(PSEUDO, TRUTH, visible, kept, SIZE).item() == pytest.approx(1 / 3)


def test_unknown_coordinates_do_no_harm():
    truth = TRUTH.clone()
    truth[0, 3] = float('nan')
    visible = torch.tensor([[1, 1, 1, 0]])
    arguments = (PSEUDO, truth, visible, ALL, SIZE)
    assert precision(*arguments).item() == pytest.approx(2 / 3)
    assert mean_error(*arguments).item() == pytest.approx(41 / 3 / 200)


def test_nothing_to_judge_gives_nan():
    none = torch.zeros(1, 4)
    assert precision(PSEUDO, TRUTH, ALL, none, SIZE).isnan()
    assert mean_error(PSEUDO, TRUTH, ALL, none, SIZE).isnan()
    assert recall(PSEUDO, TRUTH, none, ALL, SIZE).isnan()
    assert recall(PSEUDO, TRUTH, ALL, none, SIZE).item() == 0
    assert kept_share(torch.zeros(0, 4)).isnan()


def test_half_precision_is_compared_in_float32():
    # In bfloat16, 1001 would be 1000.
    truth = torch.full((1, 1, 2), 1000.0)
    pseudo = truth.to(torch.bfloat16)
    value = mean_error(pseudo, truth + 1, *[torch.ones(1, 1)] * 2, (1, 1))
    assert value.item() == pytest.approx(2**0.5, rel=1e-6)
