"""Resume equals no interruption; nothing is overwritten by less."""

import builtins
import errno
import logging

import pytest
import torch
from mmengine.evaluator import BaseMetric

from ssltoolbox.checkpoints.loading import CheckpointError, load_checkpoint_file
from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


class Rising(BaseMetric):
    """A metric that says 1, 2, 3, ... and may be killed at one of them."""

    def __init__(self, kill_at=None, start=0):
        super().__init__()
        self.count, self.kill_at = start, kill_at

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        self.count += 1
        if self.count == self.kill_at:
            raise KeyboardInterrupt
        return {'score': self.count}


BEST = dict(
    checkpoint=dict(
        type='ssltoolbox.CheckpointHook',
        interval=1,
        save_best='score',
        rule='greater',
        max_keep_ckpts=1,
    )
)


def test_a_killed_and_resumed_training_ends_as_an_uninterrupted_one(tiny, tmp_path):
    tiny('whole', hooks=[IterationSeedHook()]).train()
    broken = tiny('broken', model=dict(fail_at=5), hooks=[IterationSeedHook()])
    with pytest.raises(KeyboardInterrupt):
        broken.train()
    torch.rand(11)
    tiny('broken', hooks=[IterationSeedHook()], resume=True).train()
    whole, resumed = (tmp_path / name / 'epoch_3.pth' for name in ('whole', 'broken'))
    assert same(weights(whole), weights(resumed))
    rates = [
        load_checkpoint_file(path)['optimizer']['param_groups'][0]['lr']
        for path in (whole, resumed)
    ]
    assert rates == pytest.approx([0.01, 0.01])


def test_a_validation_lost_to_a_kill_is_made_up_for(tiny, tmp_path):
    broken = tiny('run', val=Rising(kill_at=2), default_hooks=BEST)
    with pytest.raises(KeyboardInterrupt):
        broken.train()
    names = {path.name for path in (tmp_path / 'run').glob('*.pth')}
    assert names == {'epoch_2.pth', 'best_score_epoch_1.pth'}
    tiny('run', epochs=2, val=Rising(start=1), default_hooks=BEST, resume=True).train()
    names = {path.name for path in (tmp_path / 'run').glob('*.pth')}
    assert names == {'epoch_2.pth', 'best_score_epoch_2.pth'}


def test_resume_refuses_another_architecture_and_names_what_differs(tiny, tmp_path):
    tiny('old', epochs=1).train()
    file = str(tmp_path / 'old' / 'epoch_1.pth')
    other = tiny('new', model=dict(width=4), load_from=file, resume=True)
    with pytest.raises(CheckpointError, match=r'2 of another shape .*\(3, 2\) in the'):
        other.train()


def test_resume_refuses_bare_weights(tiny, tmp_path):
    file = tmp_path / 'weights.pth'
    torch.save({'state_dict': tiny.Model().state_dict()}, file)
    with pytest.raises(CheckpointError, match='no training state .*load_from'):
        tiny(load_from=str(file), resume=True).train()


def test_load_from_warns_of_a_part_and_refuses_nothing_at_all(tiny, tmp_path, caplog):
    state = tiny.Model().state_dict()
    part, nothing = tmp_path / 'part.pth', tmp_path / 'nothing.pth'
    torch.save({'layer.weight': state['layer.weight'], 'x': torch.ones(1)}, part)
    torch.save({'x': torch.ones(1)}, nothing)
    runner = tiny(epochs=1, load_from=str(part))
    with caplog.at_level(logging.WARNING):
        runner.logger.addHandler(caplog.handler)
        runner.train()
    text = '1 weights fit, 1 missing from the file (layer.bias), 1 unknown'
    assert text in caplog.text
    with pytest.raises(CheckpointError, match='nothing in .* fits this model'):
        tiny(load_from=str(nothing)).train()


def test_the_log_does_not_list_the_settings_of_every_weight(tiny, caplog):
    rate = dict(custom_keys={'bias': dict(lr_mult=2.0)})
    optim = dict(optimizer=dict(type='Adam', lr=0.1), paramwise_cfg=rate)
    runner = tiny(epochs=1, optim_wrapper=optim)
    with caplog.at_level(logging.INFO):
        runner.logger.addHandler(caplog.handler)
        runner.train()
        runner.logger.info('paramwise_options -- said by somebody else')
    assert [g['lr'] for g in runner.optim_wrapper.optimizer.param_groups] == [0.1, 0.2]
    said = [m for m in caplog.messages if m.startswith('paramwise_options')]
    assert said == ['paramwise_options -- said by somebody else']


def test_a_config_inside_a_checkpoint_is_never_executed(tiny, tmp_path):
    tiny('run', epochs=1).train()
    file, mark = tmp_path / 'run' / 'epoch_1.pth', tmp_path / 'mark'
    checkpoint = load_checkpoint_file(file)
    checkpoint['meta']['config'] = f'open({str(mark)!r}, "w")'
    torch.save(checkpoint, file)
    tiny('run', epochs=2, resume=True).train()
    assert not mark.exists()


def test_a_full_disk_keeps_the_old_checkpoint(tiny, tmp_path, monkeypatch):
    runner = tiny('run', epochs=1)
    runner.train()
    file = tmp_path / 'run' / 'epoch_1.pth'
    before = file.read_bytes()
    real_open = builtins.open

    def full(path, mode='r', *args, **kwargs):
        if '.tmp.' in str(path) and 'w' in mode:
            real_open(path, mode).close()
            raise OSError(errno.ENOSPC, 'No space left on device')
        return real_open(path, mode, *args, **kwargs)

    monkeypatch.setattr(builtins, 'open', full)
    with pytest.raises(OSError, match=r'epoch_1\.pth .*No space left.*MiB free'):
        runner.save_checkpoint(str(file.parent), file.name)
    assert file.read_bytes() == before
    assert not list(file.parent.glob('.*.tmp.*'))


def test_what_is_no_plain_data_never_makes_a_checkpoint_unreadable(tiny, tmp_path):
    runner = tiny('run', epochs=1)
    runner.message_hub.update_info('folder', tmp_path)
    runner.message_hub.update_info('function', len)
    runner.train()
    info = load_checkpoint_file(tmp_path / 'run' / 'epoch_1.pth')['message_hub']
    assert info['runtime_info']['folder'] == str(tmp_path)
    assert info['runtime_info']['function'] is None
