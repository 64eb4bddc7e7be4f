import pytest
import torch
from torch import nn

from ssltoolbox.engine.hooks.freeze import FreezeHook
from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook


def runner(tiny, work_dir='run', epochs=3, resume=False, **fields):
    class Model(tiny.Model):
        def __init__(self):
            super().__init__()
            self.backbone = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
            self.backbone[0].bias.requires_grad_(False)

        def forward(self, inputs, mode='loss'):
            self.trained = self.backbone.training
            return super().forward(list(self.backbone(torch.stack(inputs))), mode)

    hook = FreezeHook(**{'epochs': 2, **fields})
    made = tiny(
        work_dir,
        epochs=epochs,
        hooks=[hook, IterationSeedHook()],
        resume=resume,
        param_scheduler=[],
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.1, weight_decay=0.5)),
    )
    torch.manual_seed(0)
    made.model = Model()
    return made


def state(made):
    return {k: v.clone() for k, v in made.model.backbone.state_dict().items()}


def test_frozen_weights_and_statistics_stay_then_move(tiny):
    made = runner(tiny, epochs=2)
    before, head = state(made), made.model.layer.weight.clone()
    made.train()
    # not even decayed
    assert all(torch.equal(before[k], v) for k, v in state(made).items())
    assert not torch.equal(head, made.model.layer.weight)
    assert not made.model.trained

    made = runner(tiny, 'longer', epochs=3)
    made.train()
    after = state(made)
    assert made.model.trained
    moved = {k for k in after if not torch.equal(before[k], after[k])}
    assert {'0.weight', '1.weight', '1.running_mean'} <= moved
    # what the network itself freezes stays frozen
    assert '0.bias' not in moved


def test_a_resumed_run_goes_by_its_epoch(tiny):
    whole = runner(tiny, 'whole')
    whole.train()
    runner(tiny, 'parts', epochs=1).train()
    made = runner(tiny, 'parts', resume=True)
    made.train()
    found = {k: (state(whole)[k], v) for k, v in state(made).items()}
    assert not {k: pair for k, pair in found.items() if not torch.equal(*pair)}


def test_what_it_cannot_freeze_is_refused(tiny):
    with pytest.raises(ValueError, match='at least 1, got 0'):
        FreezeHook(0)
    made = runner(tiny, parts=['encoder'])
    with pytest.raises(ValueError, match="no part 'encoder'; it has .*backbone"):
        made.train()
