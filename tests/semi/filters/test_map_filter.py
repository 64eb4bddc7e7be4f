"""Filters that accept an image by one number: total variation, maximum, entropy."""

import math

import pytest
import torch

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.filters.entropy import EntropyFilter
from ssltoolbox.semi.filters.maximum import MaximumFilter
from ssltoolbox.semi.filters.total_variation import TotalVariationFilter
from ssltoolbox.testing import check_filter

INF = math.inf
kinds = pytest.mark.parametrize(
    'kind', [TotalVariationFilter, MaximumFilter, EntropyFilter]
)


def square(side, height=1.0, at=(2, 3), channels=1):
    """A map of 10 x 12 cells with a square in the last channel."""
    maps = torch.zeros(1, channels, 10, 12)
    y, x = at
    maps[0, -1, y : y + side, x : x + side] = height
    return maps


@pytest.mark.parametrize('side, height, expected', [
    (1, 1, 4), (2, 1, 8), (3, 1, 12), (1, 0.5, 2), (1, -1, 4), (0, 1, 0),
])  # fmt: skip
def test_total_variation_is_the_height_times_the_outline(side, height, expected):
    found = TotalVariationFilter().confidence(square(side, height))
    assert found.tolist() == [expected]


def test_at_the_border_an_outline_has_no_outer_side():
    assert TotalVariationFilter().confidence(square(1, at=(0, 0))).item() == 2


def test_total_variation_adds_channels_and_peaks_but_not_images():
    one, other = square(1, channels=2), square(2, channels=2)
    other[0, 0, 8, 8] = 1
    found = TotalVariationFilter().confidence(torch.cat([one, other]))
    assert found.tolist() == [4, 12]
    assert TotalVariationFilter(channels=[0]).confidence(other).item() == 4


@pytest.mark.parametrize('value, kept', [
    (0, False), (400, False), (401, True), (699, True), (700, False), (850, False),
    (1000, False), (1001, True), (1e9, True), (math.nan, False),
])  # fmt: skip
def test_the_published_intervals_take_one_instrument_or_two(value, kept):
    # one cell of a quarter of the value has that total variation
    assert TotalVariationFilter()(square(1, value / 4)).tolist() == [kept]


@kinds
def test_none_is_no_bound(kind):
    for pair in ((None, None), (-INF, INF)):
        assert kind(intervals=[pair])(square(2)).item()
    nothing = kind(intervals=[(None, -1), (100, None)])
    assert not nothing(square(2)).item()


@kinds
def test_it_is_built_from_a_config(kind):
    config = dict(type=f'ssltoolbox.{kind.__name__}', intervals=[[0, None]])
    assert TASK_UTILS.build(config).intervals == [(0, INF)]


def test_the_maximum_is_a_mean_over_channels():
    maps = torch.cat([square(1, 0.4), square(1, 0.8)], 1)
    keep = MaximumFilter([(0.5, None)])
    assert keep.confidence(maps).item() == pytest.approx(0.6) and keep(maps).item()
    assert not MaximumFilter([(0.5, None)], channels=[0])(maps).item()


def logits(chance):
    """Two classes, of which the second has this probability in every pixel."""
    one = torch.full((1, 1, 3, 4), math.log(chance / (1 - chance)))
    return torch.cat([torch.zeros_like(one), one], 1)


@pytest.mark.parametrize('chance', [0.5, 0.8, 0.9])
def test_classes_have_the_maximum_and_entropy_of_their_probabilities(chance):
    maps = logits(chance)
    every = [(None, None)]
    most = MaximumFilter(every, over='classes').confidence(maps)
    assert most.item() == pytest.approx(chance)
    bits = -sum(p * math.log2(p) for p in (chance, 1 - chance))
    spread = EntropyFilter(every, over='classes').confidence(maps)
    assert spread.item() == pytest.approx(bits, rel=1e-5)


@pytest.mark.parametrize('side, height, expected', [
    # log 4 / log 120 and so on; the height is of no matter
    (1, 1, 0.0), (2, 1, 0.28957), (2, 7, 0.28957), (0, 1, 1.0), (2, -1, 1.0),
])  # fmt: skip
def test_entropy_tells_over_how_many_cells_a_map_is_spread(side, height, expected):
    found = EntropyFilter([(None, 0.7)]).confidence(square(side, height))
    assert found.item() == pytest.approx(expected, abs=1e-4)
    assert expected == pytest.approx(0.29, abs=1e-3) or expected in (0, 1)
    assert math.log(4) / math.log(120) == pytest.approx(0.28957, abs=1e-5)


@kinds
def test_it_has_the_properties_of_a_filter(kind):
    keep = kind(intervals=[(0.96, None)])
    check_filter(keep)
    if kind is not TotalVariationFilter:
        check_filter(kind(intervals=[(0.35, 0.98)], over='classes'))


@kinds
def test_half_precision_and_gradients_do_not_matter(kind):
    maps = square(2, channels=2).requires_grad_()
    keep = kind(intervals=[(None, None)])
    assert not keep.confidence(maps).requires_grad
    assert keep.confidence(maps.half()).dtype == torch.float32
    assert keep.confidence(maps.half()).equal(keep.confidence(maps))


@kinds
@pytest.mark.parametrize('intervals', [
    [(700, 400)], [(400, 400)], [(None, 5), (None, 9)], [(1, 5), (4, 9)],
    [(6, 9), (1, 5)], [(math.nan, 1)],
])  # fmt: skip
def test_reversed_and_overlapping_intervals_are_refused(kind, intervals):
    with pytest.raises(ValueError, match=f'{kind.__name__}.intervals must each rise'):
        kind(intervals=intervals)


@kinds
@pytest.mark.parametrize('intervals', [[], (400, 700), [(1, 2, 3)]])
def test_what_is_no_list_of_pairs_is_refused(kind, intervals):
    with pytest.raises(ValueError, match='must be a list of pairs'):
        kind(intervals=intervals)


@kinds
def test_channels_that_the_maps_lack_are_refused(kind):
    with pytest.raises(ValueError, match=r'names channel 5, the maps have 2 \(0 to 1'):
        kind(intervals=[(0, 1)], channels=[0, 5]).confidence(square(1, channels=2))
    for channels in ([], [-1]):
        with pytest.raises(ValueError, match='channels must be None, for all, or'):
            kind(intervals=[(0, 1)], channels=channels)


@pytest.mark.parametrize('kind', [MaximumFilter, EntropyFilter])
def test_an_unknown_space_is_refused(kind):
    with pytest.raises(ValueError, match="'space' or 'classes', got 'time'"):
        kind([(0, 1)], over='time')
