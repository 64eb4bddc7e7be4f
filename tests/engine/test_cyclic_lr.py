import pytest
import torch

from ssltoolbox.engine.cyclic_lr import CyclicLR


def rates(count, **fields):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-3)
    schedule = CyclicLR(optimizer, **{**dict(half_cycle=4, eta_min=1e-4), **fields})
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        schedule.step()
    return found


def test_up_and_down_by_hand():
    step = 0.9e-3 / 4
    expected = [1e-4 + step * n for n in (0, 1, 2, 3, 4, 3, 2, 1, 0, 1)]
    assert rates(10) == pytest.approx(expected)


@pytest.mark.parametrize(
    'mode, gamma', [('triangular', 1), ('triangular2', 1), ('exp_range', 0.95)]
)
def test_rates_are_those_of_torch(mode, gamma):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = torch.optim.lr_scheduler.CyclicLR(
        optimizer, 1e-4, 1e-3, 4, mode=mode, gamma=gamma, cycle_momentum=False
    )
    expected = []
    for _ in range(20):
        expected.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        schedule.step()
    assert rates(20, mode=mode, gamma=gamma) == pytest.approx(expected)


def test_a_later_training_goes_on_in_the_cycle():
    assert rates(10, first_step=6) == pytest.approx(rates(16)[6:])
    # two epochs of three iterations
    assert rates(10, first_step=[2, 3]) == pytest.approx(rates(16)[6:])


def test_a_resumed_schedule_goes_on():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-3)
    schedule = CyclicLR(optimizer, half_cycle=4, eta_min=1e-4)
    for _ in range(3):
        schedule.step()
    state, rate = schedule.state_dict(), optimizer.state_dict()
    other = torch.optim.SGD([torch.zeros(1)], lr=1e-3)
    resumed = CyclicLR(other, half_cycle=4, eta_min=1e-4)
    resumed.load_state_dict(state)
    other.load_state_dict(rate)
    for _ in range(6):
        schedule.step()
        resumed.step()
        assert other.param_groups[0]['lr'] == optimizer.param_groups[0]['lr']


@pytest.mark.parametrize('fields', [dict(mode='square'), dict(half_cycle=0)])
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match='CyclicLR needs a mode of triangular'):
        rates(1, **fields)
