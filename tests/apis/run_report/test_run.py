"""A work dir tells what was run."""

import pytest

from ssltoolbox.apis.run_record import note_command
from ssltoolbox.apis.run_report.run import read_run


def test_stages_come_in_the_order_of_the_run(tmp_path, make_stage):
    make_stage('annotate', ['zero'])
    make_stage('zero', score=0.5)
    make_stage('target', ['zero', 'annotate'], state='running')
    note_command(tmp_path / 'run', 'python tools/train.py x')
    (tmp_path / 'run' / 'metrics_test.json').write_text('{"AP": 0.5, "name": "x"}')
    run = read_run(tmp_path / 'run')
    assert [each.name for each in run.stages] == ['zero', 'annotate', 'target']
    assert [each.state for each in run.stages] == ['done', 'done', 'running']
    assert run.stages[0].outputs == {'score': 0.5} and run.stages[0].config == {'x': 1}
    assert run.commands == ['python tools/train.py x']
    assert run.metrics == {'test': {'AP': 0.5}}


def test_a_stage_of_another_run_has_its_logs_there(tmp_path, make_stage):
    best = tmp_path / 'other' / 'base' / 'best.pth'
    best.parent.mkdir(parents=True)
    best.touch()
    make_stage('base', best=str(best))
    assert read_run(tmp_path / 'run').stages[0].home == best.parent


def test_a_run_that_was_moved_has_its_store_within(tmp_path, make_stage):
    folder = make_stage('annotate', store='gone/annotate/store')
    (folder / 'store').mkdir()
    assert read_run(tmp_path / 'run').stages[0].store == folder / 'store'


def test_a_training_without_stages_is_a_run_too(tmp_path, write_scalars):
    write_scalars(tmp_path, dict(loss=1.0, iter=1, step=1))
    (tmp_path / 'mine.py').write_text("model = dict(type='X')\n")
    (stage,) = read_run(tmp_path).stages
    assert stage.name == 'training' and stage.config == {'model': {'type': 'X'}}


def test_a_config_is_read_not_run(tmp_path, make_stage):
    make_stage('base', config='import os\nos.mkdir("made")\n')
    (stage,) = read_run(tmp_path / 'run').stages
    assert stage.config == {} and 'os.mkdir' in stage.config_text


def test_other_folders_are_refused_with_what_to_give(tmp_path, make_stage):
    with pytest.raises(FileNotFoundError, match='does not exist'):
        read_run(tmp_path / 'absent')
    with pytest.raises(FileNotFoundError, match='no work dir of a training'):
        read_run(tmp_path)
    make_stage('base')
    with pytest.raises(FileNotFoundError, match=rf'give one of {tmp_path}/run'):
        read_run(tmp_path)


def test_a_damaged_record_is_named(tmp_path, make_stage):
    (make_stage('base') / 'stage.json').write_text('{')
    with pytest.raises(ValueError, match=r'stage\.json.*not valid JSON'):
        read_run(tmp_path / 'run')
