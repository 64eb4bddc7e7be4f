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


def loader(*names):
    """Of a data set whose sources have sequences with these names."""
    sources = [SimpleNamespace(sequence_names=each) for each in names]
    return SimpleNamespace(dataset=SimpleNamespace(sources=sources))


def runner(failed=None, *names):
    method = SimpleNamespace()
    if failed is not None:
        method.failed = failed
    return SimpleNamespace(
        model=SimpleNamespace(method=method),
        train_dataloader=loader(*names),
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


def test_sequences_are_named_and_once_it_is_told_that_this_is_usual(monkeypatch):
    said = []
    name = 'ssltoolbox.engine.hooks.failed_sequences.print_log'
    monkeypatch.setattr(name, lambda text, *_: said.append(text))
    hook, sequences = FailedSequencesHook(), FailedSequences()
    folders = [f'bag_{number}/start' for number in range(8)]
    every = torch.arange(8)
    for failed, data in (
        (every[[3, 1]], [folders]),
        (every[1:], [folders]),
        (every[:2], [folders, folders]),  # whose number 1 is not known
        (every[:0], [folders]),
    ):
        sequences.note(failed, torch.ones_like(failed, dtype=torch.bool))
        hook.after_train_epoch(runner(sequences, *data))
    begin = 'distrusted in the next epoch: '
    assert said[0].startswith(f'{begin}bag_1/start, bag_3/start (usual in the first')
    five = ', '.join(folders[1:6])
    assert said[1:] == [f'{begin}{five} and 2 more', f'{begin}sequences [0, 1]']
