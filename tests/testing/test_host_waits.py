from pathlib import Path

import pytest
import torch

from ssltoolbox.apis.benchmarking.benchmark import toy_configs
from ssltoolbox.apis.benchmarking.step import (
    build_step,
    check_no_sync,
    training_config,
)
from ssltoolbox.testing.host_waits import HostWaits

NUMBERS = torch.arange(3)
WAITS = {
    'a blocking copy': lambda x: NUMBERS.to(x.device),
    'a copy into it': lambda x: x[:, 0].copy_(NUMBERS),
    'a list as index': lambda x: x[[2, 1, 0]],
    'a list in an index': lambda x: x[:, [0]],
    'a list as place': lambda x: x.__setitem__([0], x[:1]),
    'a number that is assigned': lambda x: x.__setitem__((0, 0), 1.0),
    'an index on the host': lambda x: x[NUMBERS],
    'an array as index': lambda x: x[NUMBERS.numpy()],
    'a new tensor': lambda x: x.new_tensor([1, 2]),
    'torch.tensor': lambda x: torch.tensor([1], device=x.device),
    'torch.as_tensor': lambda x: torch.as_tensor(NUMBERS.numpy(), device=x.device),
}
GOES_ON = {
    'a copy that need not end': lambda x: NUMBERS.to(x.device, non_blocking=True),
    'another type': lambda x: x.to(torch.double),
    'a turn of the channels': lambda x: x.flip(0),
    'numbers, slices and None': lambda x: x[0, 1:, None],
    'an index on the device': lambda x: x[torch.arange(2, device=x.device)],
    'a number everywhere': lambda x: x.new_full((2,), 3.0),
    'a number filled in': lambda x: x[0].fill_(3.0),
    'a row of the device': lambda x: x.__setitem__(0, x[1]),
    'a tensor of the host': lambda x: torch.tensor([1]),
}


@pytest.mark.parametrize('name', WAITS)
def test_what_waits_is_found_with_its_line(name):
    with HostWaits() as waits:
        WAITS[name](torch.empty(3, 4, device='meta'))
    assert waits.found.total() == 1
    assert f'{__file__.rsplit("/", 1)[-1]}:' in waits.told()


@pytest.mark.parametrize('name', GOES_ON)
def test_what_goes_on_is_not_told(name):
    with HostWaits() as waits:
        GOES_ON[name](torch.empty(3, 4, device='meta'))
    assert waits.told() is None


def test_reading_a_value_fails_by_itself():
    with HostWaits(), pytest.raises(RuntimeError):
        torch.empty(1, device='meta').item()


CONFIGS = toy_configs(Path(__file__).parents[2] / 'configs')


@pytest.mark.parametrize('config', CONFIGS, ids=lambda path: path.stem)
def test_no_step_waits_from_the_images_to_the_gradients(config):
    step = build_step(training_config(str(config)), 2)
    model = step.model.to('meta')
    with HostWaits() as waits:
        batch = model.data_preprocessor(step.data, True)
        losses = model(**batch, mode='loss')
        sum(value.sum() for key, value in losses.items() if 'loss' in key).backward()
        model.after_optimizer_step()
    assert waits.told() is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason='SSLTOOLBOX_TEST_GPU=1')
@pytest.mark.parametrize('config', CONFIGS, ids=lambda path: path.stem)
def test_no_step_waits_for_a_gpu(config):
    cfg = training_config(str(config))
    cfg.optim_wrapper.clip_grad = None  # mmengine reads the norm of the gradients
    check_no_sync(build_step(cfg, 2, 'cuda'))
