import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torch import nn

from ssltoolbox.engine.one_cycle import OneCycleLR, OneCycleMomentum
from ssltoolbox.registry import PARAM_SCHEDULERS


def wrapper(kind='AdamW', **fields):
    optimizer = dict(type=kind, lr=1.0, **fields)
    return build_optim_wrapper(nn.Linear(1, 1), dict(optimizer=optimizer))


def walk(made, steps, *schedulers):
    rates, momenta = [], []
    for _ in range(steps):
        (group,) = made.param_groups
        rates.append(group['lr'])
        momenta.append(group['betas'][0] if 'betas' in group else group['momentum'])
        made.step()
        for scheduler in schedulers:
            scheduler.step()
    return rates, momenta


def test_the_peak_is_at_a_quarter_and_the_last_step_before_the_end():
    made = wrapper()
    one = OneCycleLR(made, by_epoch=False, end=8)
    two = OneCycleMomentum(made, by_epoch=False, end=8)
    rates, momenta = walk(made, 8, one, two)
    assert rates[:3] == pytest.approx([0.04, 0.52, 1.0])
    assert rates[5] == pytest.approx((1 + 1e-5) / 2)
    assert rates[-1] > 0.05
    assert momenta[:3] == pytest.approx([0.95, 0.9, 0.85])
    assert momenta[5] == pytest.approx(0.9)


def test_momentum_of_sgd_moves_too():
    made = wrapper('SGD', momentum=0.5)
    scheduler = OneCycleMomentum(made, high=1, low=0, rise=0.5, by_epoch=False, end=4)
    assert walk(made, 4, scheduler)[1] == pytest.approx([1, 0.5, 0, 0.5])


def test_each_group_has_a_peak_of_its_own():
    made = wrapper()
    made.optimizer.add_param_group({'params': [nn.Parameter(torch.ones(1))], 'lr': 5.0})
    scheduler = OneCycleLR(made, by_epoch=False, end=4)
    made.step()
    scheduler.step()
    assert [group['lr'] for group in made.param_groups] == pytest.approx([1, 5])


def test_two_cycles_in_a_row_by_epochs():
    made = wrapper()
    kind = PARAM_SCHEDULERS.get('ssltoolbox.OneCycleLR')
    cycles = [
        kind.build_iter_from_epoch(made, begin=b, end=e, epoch_length=4)
        for b, e in ((0, 1), (1, 3))
    ]
    rates, _ = walk(made, 12, *cycles)
    assert [rates[i] for i in (0, 1, 4, 6)] == pytest.approx([0.04, 1, 0.04, 1])


def test_a_resumed_cycle_goes_on():
    whole = wrapper()
    expected = walk(whole, 8, OneCycleLR(whole, by_epoch=False, end=8))[0]
    made = wrapper()
    first = OneCycleLR(made, by_epoch=False, end=8)
    walk(made, 5, first)
    later = wrapper()
    second = OneCycleLR(later, by_epoch=False, end=8)
    second.load_state_dict(first.state_dict())
    later.load_state_dict(made.state_dict())
    assert walk(later, 3, second)[0] == pytest.approx(expected[5:])


def test_what_makes_no_cycle_is_refused():
    with pytest.raises(ValueError, match='rise is a share above 0 .* got 1'):
        OneCycleLR(wrapper(), rise=1, end=4)
    with pytest.raises(ValueError, match='needs the step at which its cycle ends'):
        OneCycleLR(wrapper())
    with pytest.raises(ValueError, match='div and final_div are positive'):
        OneCycleLR(wrapper(), div=0, end=4)
    with pytest.raises(ValueError, match='high and low are in 0..1'):
        OneCycleMomentum(wrapper(), high=2, end=4)
    with pytest.raises(ValueError, match='leave by_epoch=False out'):
        OneCycleLR.build_iter_from_epoch(wrapper(), by_epoch=False, epoch_length=2)
