"""Each kind of layer costs what its formula says."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ssltoolbox.apis.accounting import formulas
from ssltoolbox.apis.complexity import count_parts

VALUES = 4 * 6 * 10
"""Of a map of 4 channels, 6 x 10."""


class Net(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.layer = function if isinstance(function, nn.Module) else nn.Identity()

    def forward(self, inputs, samples, mode):
        return self.function(inputs)


def macs(function, accounting, device='cpu'):
    network, inputs = Net(function), torch.ones(1, 4, 6, 10, device=device)
    return count_parts(network.to(device), inputs, accounting)[-1].macs


CASES = {
    'conv': (nn.Conv2d(4, 2, 3, padding=1, bias=False), VALUES * 2 * 9, VALUES * 2 * 9),
    'bias': (nn.Conv2d(4, 2, 1), VALUES * 2, VALUES * 2 + VALUES // 2),
    'grouped': (nn.Conv2d(4, 4, 3, 2, 1, groups=4), 60 * 9, 60 * 9 + 60),
    # each of 6 x 10 places of the input goes to 2 x 2 of the output
    'transposed': (
        nn.ConvTranspose2d(4, 1, 2, stride=2),
        VALUES * 4,
        VALUES * 4 + 12 * 20,
    ),
    'linear': (
        nn.Sequential(nn.Flatten(), nn.Linear(VALUES, 3)),
        VALUES * 3,
        VALUES * 3 + 3,
    ),
    'linear without bias': (
        nn.Sequential(nn.Flatten(), nn.Linear(VALUES, 3, bias=False)),
        VALUES * 3,
        VALUES * 3,
    ),
    'batch norm': (nn.BatchNorm2d(4), 0, 2 * VALUES),
    'relu': (nn.ReLU(), 0, VALUES),
    'relu in place': (lambda x: F.relu_(x.clone()), 0, VALUES),
    'prelu': (nn.PReLU(4), 0, VALUES),
    'sigmoid': (nn.Sigmoid(), 0, 0),
    'max pooling': (nn.MaxPool2d(2), 0, VALUES),
    'mean pooling': (nn.AvgPool2d(3, 2, 1), 0, VALUES),
    'global pooling': (nn.AdaptiveAvgPool2d(1), 0, VALUES),
    'grid pooling': (nn.AdaptiveAvgPool2d(2), 0, VALUES),
    'mean of channels': (lambda x: x.mean(1), 0, 0),
    'mean of all': (lambda x: x.mean(), 0, 0),
    'attention': (lambda x: x.flatten(2).mT @ x.flatten(2), 60 * 60 * 4, 0),
    'enlarging': (nn.Upsample(scale_factor=2, mode='bilinear'), 0, 0),
}


@pytest.mark.parametrize('device', ['cpu', 'meta'])
@pytest.mark.parametrize('name', CASES)
def test_layers_by_hand(name, device):
    function, products, ptflops = CASES[name]
    assert macs(function, 'products', device) == products
    assert macs(function, 'ptflops', device) == ptflops


def test_another_accounting_is_refused():
    with pytest.raises(ValueError, match="products, ptflops, got 'thop'"):
        formulas('thop')
