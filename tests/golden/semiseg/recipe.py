"""Optimiser, one cycle of its rate, and the range test.

Start values and gradients count as outputs by their names; they are what we put in.
"""

from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import nn

from ssltoolbox.apis.config import resolve
from ssltoolbox.engine.lr_range import LRRange, range_rates
from ssltoolbox.engine.one_cycle import OneCycleLR, OneCycleMomentum

from ..registry import drives
from ..vectors import Entry

SCHEDULE = Path(__file__).parents[3] / 'configs/_base_/schedules/semiseg.py'


def schedule(**fields) -> Config:
    """The recipe as the config has it; keywords are fields of the optimiser."""
    cfg = Config.fromfile(SCHEDULE)
    cfg.merge_from_dict({'select': 'none', 'optim_wrapper.optimizer': fields})
    return resolve(cfg)


def optimiser(network: nn.Module, **fields):
    return build_optim_wrapper(network, schedule(**fields).optim_wrapper)


@drives('semiseg', 'adam_steps')
def adam_steps(entry: Entry) -> None:
    params = entry.params
    network = nn.Sequential()
    network.add_module('c', nn.Conv2d(3, 2, 1))
    network.add_module('b', nn.BatchNorm2d(2))
    named = {name.replace('.', '_'): p for name, p in network.named_parameters()}
    wrapper = optimiser(network, lr=params['lr'], betas=(params['mom'], 0.99))
    recipe = wrapper.optimizer.defaults
    assert recipe['eps'] == params['eps'] and recipe['weight_decay'] == params['wd']
    assert recipe['betas'][1] == params['sqr_mom']
    for name, parameter in named.items():
        parameter.data = torch.from_numpy(entry[f'init_{name}'].copy())
        entry.check(f'init_{name}', parameter.detach())
    seen: dict[str, list] = {f'{k}_{n}': [] for k in ('grads', 'after') for n in named}
    for step in range(len(entry['grads_c_bias'])):
        for name, parameter in named.items():
            parameter.grad = torch.from_numpy(entry[f'grads_{name}'][step].copy())
            seen[f'grads_{name}'].append(parameter.grad.clone())
        wrapper.step()
        for name, parameter in named.items():
            seen[f'after_{name}'].append(parameter.detach().clone())
    for name, values in seen.items():
        entry.check(name, torch.stack(values))


@drives('semiseg', 'one_cycle')
def one_cycle(entry: Entry) -> None:
    params = entry.params
    peak = float(entry.find(r'-> ([\d.e-]+)$')[0])
    steps = params['epochs'] * params['iters_per_epoch']
    wrapper = optimiser(nn.Linear(1, 1), lr=peak)
    high, low, _ = params['moms']
    kinds = [each['type'] for each in schedule().param_scheduler]
    assert kinds == ['ssltoolbox.OneCycleLR', 'ssltoolbox.OneCycleMomentum']
    shared = dict(rise=params['pct_start'], by_epoch=False, end=steps)
    schedulers = [
        OneCycleLR(wrapper, params['div'], params['div_final'], **shared),
        OneCycleMomentum(wrapper, high, low, **shared),
    ]
    rates, momenta = [], []
    for _ in range(steps):
        group = wrapper.param_groups[0]
        rates.append(group['lr'])
        momenta.append(group['betas'][0])
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    entry.check('lr', rates)
    entry.check('mom', momenta)
    # what the manifest says the optimiser was left with is the last step's
    left = params['hypers_of_optimiser']
    assert np.allclose((rates[-1], momenta[-1]), (left['lr'], left['mom']))


@drives('semiseg', 'lr_find')
def lr_find(entry: Entry) -> None:
    params = entry.params
    rates = range_rates(params['start_lr'], params['end_lr'], params['num_it'])
    entry.check('lrs', rates)
    picked = LRRange(rates, entry['losses']).pick(divide_by=1, cap=None)
    entry.check('picked', picked)
