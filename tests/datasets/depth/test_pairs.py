import random

from ssltoolbox.datasets.depth.pairs import draw_partner


def partners(position, count, adjacent):
    random.seed(0)
    return {draw_partner(position, count, adjacent) for _ in range(300)}


def test_partners_lie_between_the_bounds_on_both_sides():
    assert partners(10, 21, (2, 4)) == {6, 7, 8, 12, 13, 14}


def test_near_an_end_they_lie_on_one_side():
    assert partners(1, 21, (2, 4)) == {3, 4, 5}
    assert partners(19, 21, (2, 4)) == {15, 16, 17}


def test_the_ends_bound_the_distance():
    assert partners(3, 8, (2, 30)) == {1, 0, 5, 6, 7}


def test_short_sequences_use_half_of_their_length():
    assert partners(0, 2, (5, 30)) == {1}
    assert partners(1, 2, (5, 30)) == {0}
    assert partners(1, 3, (5, 30)) == {0, 2}
    assert partners(0, 6, (5, 30)) == {3, 4, 5}
