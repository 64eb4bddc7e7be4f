from types import SimpleNamespace

import torch
from torch import nn

from ssltoolbox.engine.hooks.channels_last import ChannelsLastHook


def test_results_do_not_change_and_the_format_goes_through_the_network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))
    images = torch.rand(2, 3, 8, 8)
    before = model(images)
    parameters = list(map(id, model.parameters()))
    ChannelsLastHook().before_train(SimpleNamespace(model=model))
    after = model(images)
    assert list(map(id, model.parameters())) == parameters  # the optimiser holds them
    assert after.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(after, before)
