from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn

from ssltoolbox.engine.hooks.semi_supervision import SemiSupervisionHook
from ssltoolbox.semi.progress import Progress


class Model(nn.Module):
    """One weight, and a count of what the hook asked for."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.updates = 0
        self.progress = None

    def after_optimizer_step(self):
        self.updates += 1


def runner_of(model, **wrapper):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return SimpleNamespace(
        model=model,
        optim_wrapper=OptimWrapper(optimizer, **wrapper),
        iter=0,
        epoch=0,
        max_iters=8,
        max_epochs=2,
    )


@pytest.mark.parametrize(
    'accumulate, updates',
    [(1, [1, 2, 3, 4, 5, 6, 7, 8]), (4, [0, 0, 0, 1, 1, 1, 1, 2])],
)
def test_the_teacher_moves_once_per_step_of_the_optimiser(accumulate, updates):
    model = Model()
    runner = runner_of(model, accumulative_counts=accumulate)
    SemiSupervisionHook().before_train(runner)
    runner.optim_wrapper.initialize_count_status(model, 0, 8)
    seen = []
    for _ in range(8):
        runner.optim_wrapper.update_params(model.weight.sum())
        seen.append(model.updates)
    assert seen == updates


def test_the_teacher_sees_the_weights_after_the_step():
    model = Model()
    seen = []
    model.after_optimizer_step = lambda: seen.append(model.weight.item())
    runner = runner_of(model)
    SemiSupervisionHook().before_train(runner)
    runner.optim_wrapper.update_params(model.weight.sum())
    assert seen == pytest.approx([0.9])


@pytest.mark.parametrize('fused', [False, True])
def test_a_step_that_a_loss_scaler_skips_does_not_move_the_teacher(fused):
    model = Model()
    runner = runner_of(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
    runner.optim_wrapper = OptimWrapper(optimizer)
    SemiSupervisionHook().before_train(runner)
    scaler = torch.amp.GradScaler('cpu', init_scale=2.0)
    for factor, updates in ((1.0, 1), (float('inf'), 1), (1.0, 2)):
        optimizer.zero_grad()
        scaler.scale(model.weight.sum() * factor).backward()
        scaler.step(optimizer)
        scaler.update()
        assert model.updates == updates
    assert model.weight.item() == pytest.approx(0.8)


def test_the_model_knows_where_the_training_is():
    runner = runner_of(Model())
    runner.iter, runner.epoch = 5, 1
    SemiSupervisionHook().before_train_iter(runner, 0)
    assert runner.model.progress == Progress(iter=5, epoch=1, max_iters=8, max_epochs=2)


def test_a_distributed_wrapper_is_looked_through(monkeypatch):
    module = 'ssltoolbox.engine.hooks.semi_supervision.is_model_wrapper'
    monkeypatch.setattr(module, lambda model: hasattr(model, 'module'))
    wrapped = nn.DataParallel(Model())
    runner = runner_of(wrapped)
    SemiSupervisionHook().before_train(runner)
    SemiSupervisionHook().before_train_iter(runner, 0)
    runner.optim_wrapper.update_params(wrapped.module.weight.sum())
    assert wrapped.module.updates == 1
    assert wrapped.module.progress == Progress(0, 0, 8, 2)
