"""At every moment there is a whole checkpoint, and last_checkpoint names one."""

import pytest
from mmengine.evaluator import BaseMetric

from ssltoolbox.engine.hooks.checkpoint import CheckpointHook


class Scores(BaseMetric):
    """Give the listed scores one after the other."""

    def __init__(self, scores):
        super().__init__()
        self.scores = iter(scores)

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return {name: next(self.scores) for name in ('first', 'second')}


def hooks(**config):
    return dict(checkpoint=dict(type='ssltoolbox.CheckpointHook', interval=1, **config))


def names(folder):
    return sorted(path.name for path in folder.glob('*.pth'))


def test_only_the_newest_files_are_kept(tiny, tmp_path):
    tiny('run', epochs=4, default_hooks=hooks(max_keep_ckpts=2)).train()
    assert names(tmp_path / 'run') == ['epoch_3.pth', 'epoch_4.pth']
    last = (tmp_path / 'run' / 'last_checkpoint').read_text()
    assert last == str(tmp_path / 'run' / 'epoch_4.pth')


def test_the_old_file_is_removed_after_the_new_one_is_there(
    tiny, tmp_path, monkeypatch
):
    seen = []
    remove = CheckpointHook._remove

    def watch(self, paths):
        seen.append(names(tmp_path / 'run'))
        remove(self, paths)

    monkeypatch.setattr(CheckpointHook, '_remove', watch)
    tiny('run', epochs=2, default_hooks=hooks(max_keep_ckpts=1)).train()
    assert seen == [['epoch_1.pth'], ['epoch_1.pth', 'epoch_2.pth']]
    assert names(tmp_path / 'run') == ['epoch_2.pth']


def test_a_failed_save_of_a_better_one_keeps_the_best(tiny, tmp_path, monkeypatch):
    config = hooks(save_best='first', rule='greater', max_keep_ckpts=1)
    runner = tiny('run', epochs=2, val=Scores([1, 0, 2, 0]), default_hooks=config)
    save = runner.save_checkpoint

    def fail(folder, filename, *args, **kwargs):
        if filename == 'best_first_epoch_2.pth':
            raise OSError('disk full')
        save(folder, filename, *args, **kwargs)

    monkeypatch.setattr(runner, 'save_checkpoint', fail)
    with pytest.raises(OSError, match='disk full'):
        runner.train()
    assert names(tmp_path / 'run') == ['best_first_epoch_1.pth', 'epoch_2.pth']


def test_each_of_two_metrics_has_its_best(tiny, tmp_path):
    config = hooks(save_best=['first', 'second'], rule='greater', max_keep_ckpts=1)
    metric = Scores([1, 5, 2, 4])
    tiny('run', epochs=2, val=metric, default_hooks=config).train()
    best = ['best_first_epoch_2.pth', 'best_second_epoch_1.pth']
    assert names(tmp_path / 'run') == [*best, 'epoch_2.pth']


def test_a_resumed_run_removes_nothing_outside_its_own_folder(tiny, tmp_path):
    config = hooks(save_best='first', rule='greater')
    tiny('old', epochs=1, val=Scores([1, 0]), default_hooks=config).train()
    start = str(tmp_path / 'old' / 'epoch_1.pth')
    metric = Scores([2, 0, 3, 0])
    again = dict(val=metric, default_hooks=config, load_from=start, resume=True)
    tiny('new', epochs=2, **again).train()
    assert 'best_first_epoch_1.pth' in names(tmp_path / 'old')
    assert names(tmp_path / 'new') == ['best_first_epoch_2.pth', 'epoch_2.pth']
