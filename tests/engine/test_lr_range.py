import math

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.optim import build_optim_wrapper

from ssltoolbox.engine.lr_range import LRRange, range_rates, range_test, smoothed


class Parabola(BaseModel):
    """Loss w^2: at rate r a step multiplies w by 1 - 2 r, so it diverges above 1."""

    def __init__(self, start=1.0):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(start))

    def forward(self, inputs, mode='loss'):
        return {'loss': self.weight**2}


def test_rates_are_even_in_their_logarithm():
    rates = range_rates(1e-7, 10, 100)
    assert rates[0] == 1e-7 and len(rates) == 100
    assert rates[50] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(10 ** (1 - 0.08))


def test_smoothing_forgets_its_start():
    assert list(smoothed([2.0] * 5)) == pytest.approx([2.0] * 5)


def test_the_choice_is_divided_capped_and_never_too_small():
    found = LRRange([1e-4, 1e-2, 1.0], [3.0, 1.0, 2.0])
    assert found.pick() == pytest.approx(1e-3)
    assert found.pick(divide_by=1) == 1e-2
    assert LRRange([1.0], [1.0]).pick() == 1e-2
    assert LRRange([1.0], [1.0]).pick(cap=None) == pytest.approx(0.1)
    assert LRRange([1e-7, 1.0], [1.0, 2.0]).pick() == 1e-3


def test_it_ends_where_the_loss_is_four_times_its_minimum():
    model = Parabola()
    optimizer = dict(optimizer=dict(type='SGD', lr=1))
    wrapper = build_optim_wrapper(model, optimizer)
    rates = range_rates(1e-3, 100, 60)
    found = range_test(model, [dict(inputs=torch.ones(1))], wrapper, rates)
    assert 0 < len(found.rates) == len(found.losses) < 60
    assert found.losses[-1] > 4 * min(found.losses)
    assert all(loss <= 4 * min(found.losses) for loss in found.losses[:-1])
    best = found.rates[found.losses.index(min(found.losses))]
    assert 0.1 < best < 10
    assert wrapper.param_groups[0]['lr'] == pytest.approx(found.rates[-1])


def test_what_cannot_be_tested_is_refused():
    model = Parabola(math.nan)
    wrapper = build_optim_wrapper(model, dict(optimizer=dict(type='SGD', lr=1)))
    with pytest.raises(ValueError, match='first loss of the range test is not finite'):
        range_test(model, [dict(inputs=torch.ones(1))], wrapper, [0.1])
    with pytest.raises(ValueError, match='got 1 to 0.1 in 5'):
        range_rates(1, 0.1, 5)
    model = Parabola()
    wrapper = build_optim_wrapper(model, dict(optimizer=dict(type='SGD', lr=1)))
    with pytest.raises(ValueError, match='gives no batch'):
        range_test(model, [], wrapper, [0.1])
