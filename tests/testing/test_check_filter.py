"""Each property of filters is missed in a filter that lacks it."""

import pytest
import torch

from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing import check_filter
from ssltoolbox.testing.properties.filters import FILTERS

from .broken import assert_complete, assert_named


def peak(maps):
    return maps.detach().float().amax((1, 2, 3))


class Sound:
    """Images whose largest value is above 0.99."""

    def __call__(self, maps):
        return peak(maps) > 0.99


class OneNumber:
    def __call__(self, maps):
        return peak(maps).mean()


class Large:
    def __call__(self, maps):
        return torch.nan_to_num(3 * peak(maps))


class Writing:
    def __call__(self, maps):
        return peak(maps.detach().clamp_(max=0.5)) > 0.4


class Counting:
    calls = 0

    def __call__(self, maps):
        self.calls += 1
        return (peak(maps) > 0).float() / self.calls


class FirstFavoured:
    def __call__(self, maps):
        return (peak(maps) > 0.99) & (torch.arange(len(maps), device=maps.device) != 0)


class AllTogether:
    def __call__(self, maps):
        return peak(maps) >= maps.detach().float().max()


class NotBelow:
    def __call__(self, maps):
        return ~(peak(maps) <= 0.99)


class Learning:
    def __call__(self, maps):
        return maps.float().amax((1, 2, 3)).nan_to_num().clamp(0, 1)


class Rounding:
    def __call__(self, maps):
        return maps.detach().square().mean((1, 2, 3)) > 0.33


class Asking:
    def __call__(self, maps):
        return Sound()(maps) if maps.sum() > 0 else Sound()(maps)


BROKEN = {
    'it gives one row of weights per sample': OneNumber,
    'weights lie in [0, 1]': Large,
    'the arguments stay as they are': Writing,
    'equal calls have equal results': Counting,
    'the order of the samples in the batch does not matter': FirstFavoured,
    'an empty batch gives an empty result': AllTogether,
    'what is not a number is never trusted': NotBelow,
    'the weights carry no gradient': Learning,
    'half precision decides as full precision does': Rounding,
    'nothing is read from the device': Asking,
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_filter_without_the_property_is_caught(name):
    component = BROKEN[name]
    assert_named(lambda: check_filter(component()), FILTERS, name, component.__name__)


def test_every_property_has_its_broken_example():
    assert_complete(FILTERS, BROKEN)


def test_a_sound_filter_passes():
    check_filter(Sound())


def test_an_argument_that_is_not_known_is_asked_for():
    class Strange:
        def __call__(self, heat):
            return Sound()(heat)

    with pytest.raises(TypeError, match=r"'heat' of Strange.*call=dict"):
        check_filter(Strange())
    maps = torch.rand(4, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    check_filter(Strange(), call=dict(heat=maps))


def test_pseudo_labels_are_known_by_their_annotation():
    class Confident:
        def __call__(self, said: PseudoLabel):
            return said.score > 0.5

    class Trusting:
        def __call__(self, said: PseudoLabel):
            return said.weight > 0

    check_filter(Confident())
    name = 'what is not a number is never trusted'
    assert_named(lambda: check_filter(Trusting()), FILTERS, name, 'Trusting')


def test_what_does_not_work_at_all_is_shown_where_it_fails(monkeypatch):
    class Failing:
        def __call__(self, maps):
            return maps['no such key']

    with pytest.raises(AssertionError, match='Repair: SSLTOOLBOX_DEBUG=1 shows where'):
        check_filter(Failing())
    monkeypatch.setenv('SSLTOOLBOX_DEBUG', '1')
    with pytest.raises((IndexError, TypeError)):
        check_filter(Failing())
