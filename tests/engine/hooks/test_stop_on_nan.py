"""A diverged training stops, and its last good checkpoint stays."""

import pytest
import torch

from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.engine.hooks.stop_on_nan import DivergedError, StopOnNaNHook


def test_the_message_names_the_checkpoint_and_how_to_go_on(tiny, tmp_path):
    tiny('run', epochs=1).train()
    bad = tiny(
        'run', model=dict(scale=float('nan')), hooks=[StopOnNaNHook(1)], resume=True
    )
    with pytest.raises(
        DivergedError, match=r'loss is nan.*epoch_1\.pth, --resume goes on'
    ):
        bad.train()


def test_a_state_between_two_looks_is_not_saved(tiny, tmp_path):
    tiny('run', epochs=1).train()
    bad = tiny(
        'run', model=dict(scale=float('inf')), hooks=[StopOnNaNHook(50)], resume=True
    )
    with pytest.raises(DivergedError, match='weight layer.* is not finite'):
        bad.train()
    names = {path.name for path in (tmp_path / 'run').glob('*.pth')}
    assert names == {'epoch_1.pth'}
    state = load_checkpoint_file(tmp_path / 'run' / 'epoch_1.pth')['state_dict']
    assert all(torch.isfinite(value).all() for value in state.values())


def test_without_a_checkpoint_it_says_so(tiny):
    with pytest.raises(DivergedError, match='no checkpoint had been saved'):
        tiny(model=dict(scale=float('nan')), hooks=[StopOnNaNHook(1)]).train()


def test_a_finite_training_is_left_alone(tiny):
    tiny(epochs=1, hooks=[StopOnNaNHook(1)]).train()


def test_the_interval_must_be_positive():
    with pytest.raises(ValueError, match='at least 1 iteration, got 0'):
        StopOnNaNHook(0)
