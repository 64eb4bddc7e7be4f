"""Means along segments, whatever their direction and length."""

import pytest
import torch

from ssltoolbox.codecs.line_integral import mean_along, segment_points


def along(maps, *segment, count=17):
    start, end = (torch.tensor(p).float().view(1, 1, 1, 2) for p in segment)
    return mean_along(maps[None, None], start, end, count).item()


def test_places_are_even_and_have_both_ends():
    places = segment_points(torch.tensor([2.0, 8]), torch.tensor([6.0, 0]), 5)
    assert places.tolist() == [[2, 8], [3, 6], [4, 4], [5, 2], [6, 0]]
    assert segment_points(torch.zeros(2), torch.ones(2), 1).tolist() == [[1, 1]]


def test_the_mean_does_not_depend_on_length_or_direction():
    flat = torch.full((20, 30), 0.6)
    for end in ((28, 2), (3, 18), (4, 3), (3, 2)):
        assert along(flat, (3, 2), end) == pytest.approx(0.6)
        assert along(flat, end, (3, 2)) == pytest.approx(0.6)


def test_x_is_the_column():
    ramp = torch.arange(30.0).expand(20, 30)
    assert along(ramp, (4, 15), (10, 1)) == pytest.approx(7)
    # nowhere near row 25, which the map has not
    assert along(ramp, (25, 3), (29, 3)) == pytest.approx(27)


def test_it_is_zero_outside_the_map():
    assert along(torch.ones(20, 30), (-9, 5), (-3, 5)) == 0
    assert along(torch.ones(20, 30), (-10, 5), (10, 5), count=41) == pytest.approx(
        21 / 41, abs=0.02
    )


def test_every_start_with_every_end_of_every_connection():
    maps = torch.rand(2, 3, 20, 30)
    starts, ends = torch.rand(2, 3, 4, 2) * 19, torch.rand(2, 3, 5, 2) * 19
    means = mean_along(maps, starts, ends, 9)
    assert means.shape == (2, 3, 4, 5)
    alone = along(maps[1, 2], starts[1, 2, 3].tolist(), ends[1, 2, 0].tolist(), count=9)
    assert means[1, 2, 3, 0].item() == pytest.approx(alone, rel=1e-5)
