"""Sequences that fail are distrusted for one epoch, also after a resume."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub

from ssltoolbox.engine.hooks.failed_sequences import KEY, FailedSequencesHook
from ssltoolbox.semi.failed_sequences import FailedSequences


def bools(*values):
    return torch.tensor(values, dtype=torch.bool)


def test_what_failed_counts_in_the_next_epoch_and_no_longer():
    sequences, numbers = FailedSequences(), torch.tensor([3, 5, 3, 7])
    sequences.note(numbers, bools(0, 1, 1, 0))
    assert not sequences.among(numbers).any()
    assert sequences.next_epoch() == {3, 5}
    assert sequences.among(numbers).tolist() == [True, True, True, False]
    sequences.note(numbers, bools(0, 0, 0, 1))
    assert sequences.next_epoch() == {7}
    assert sequences.among(numbers).tolist() == [False, False, False, True]
    assert sequences.next_epoch() == set()


def test_all_processes_share_the_list(monkeypatch):
    def gather(found):
        return [found, {11}]

    name = 'ssltoolbox.semi.failed_sequences.all_gather_object'
    monkeypatch.setattr(name, gather)
    sequences = FailedSequences()
    sequences.note(torch.tensor([2]), bools(1))
    assert sequences.next_epoch() == {2, 11}


def runner(failed=None):
    method = SimpleNamespace()
    if failed is not None:
        method.failed = failed
    return SimpleNamespace(
        model=SimpleNamespace(method=method),
        message_hub=MessageHub.get_instance('failed_sequences'),
    )


def test_the_list_is_renewed_each_epoch_and_survives_a_resume():
    hook, before = FailedSequencesHook(), FailedSequences()
    before.note(torch.tensor([4, 9]), bools(1, 0))
    hook.before_train(runner(before))
    hook.after_train_epoch(runner(before))
    scalar = MessageHub.get_instance('failed_sequences').get_scalar(
        'train/failed_sequences'
    )
    assert scalar.current() == 1
    checkpoint = {}
    hook.before_save_checkpoint(runner(before), checkpoint)
    assert checkpoint[KEY] == {'failed': [4]}
    after = FailedSequences()
    hook.after_load_checkpoint(runner(after), checkpoint)
    assert after.among(torch.tensor([4, 9])).tolist() == [True, False]
    hook.after_load_checkpoint(runner(after), {})
    assert after.failed == {4}


def test_methods_without_such_a_list_are_refused():
    with pytest.raises(TypeError, match='take it out of the custom_hooks'):
        FailedSequencesHook().before_train(runner())
