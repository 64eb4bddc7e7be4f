"""What of a checkpoint fits a model."""

import torch
from torch import nn

from ssltoolbox.engine.fit import compare


def test_each_difference_is_counted_and_named():
    model = nn.ModuleDict({'a': nn.Linear(2, 3), 'b': nn.Linear(2, 2)})
    state = model.state_dict()
    state['a.weight'] = torch.zeros(4, 2)
    del state['b.bias']
    state['c'] = torch.zeros(1)
    fit = compare(model, {'state_dict': state})
    assert fit.missing == ['b.bias']
    assert fit.unexpected == ['c']
    assert fit.reshaped == ['a.weight: (4, 2) in the file, (3, 2) here']
    assert fit.matched == 2
    assert not fit


def test_a_data_parallel_prefix_and_counters_do_not_matter():
    model = nn.BatchNorm1d(2)
    state = {f'module.{name}': value for name, value in model.state_dict().items()}
    del state['module.num_batches_tracked']
    assert compare(model, state)


def test_the_models_own_conversions_count():
    class Renamed(nn.Linear):
        def __init__(self):
            super().__init__(1, 1)
            self.register_load_state_dict_pre_hook(self.convert)

        def convert(self, module, state, prefix, *_):
            state[f'{prefix}weight'] = state.pop(f'{prefix}old')

    state = {'old': torch.zeros(1, 1), 'bias': torch.zeros(1)}
    assert compare(Renamed(), state)
    assert set(state) == {'old', 'bias'}
