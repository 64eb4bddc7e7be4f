"""Stages that several configs have in common are run once."""

import json
from pathlib import Path

import pytest

from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.experiments.shared_stages import share_stages
from ssltoolbox.apis.stages import run_stages
from ssltoolbox.registry import TASK_UTILS

RUNS = []


@TASK_UTILS.register_module(force=True)
class CountedJob:
    """A stage that notes that it ran and writes a file."""

    def __init__(self, text):
        self.text = text

    def run(self, cfg):
        RUNS.append(self.text)
        file = Path(cfg.work_dir) / 'out.txt'
        file.write_text(self.text)
        return {'out': str(file)}


@pytest.fixture(autouse=True)
def forget_runs():
    RUNS.clear()


@pytest.fixture
def configs(tmp_path):
    """A config of one base; one of two bases, and what is made of them."""

    def write(name, **stages):
        jobs = [
            dict(name=stage, job=dict(type='ssltoolbox.CountedJob', text=text))
            for stage, text in stages.items()
        ]
        path = tmp_path / f'{name}.py'
        path.write_text(f"default_scope = 'mmpose'\nword = 'x'\nstages = {jobs}\n")
        return path

    return {
        'base': write('base', supervised='a${word}'),
        'both': write('both', base_1='a${word}', base_2='b', end='c ${base_1.out}'),
        'more': write('more', base_1='a${word}', base_2='b', end='d ${base_2.out}'),
    }


def run(config, folder, options=None, others=()):
    """Names of the stages taken over, and what ran then."""
    shared = share_stages(config, folder, options, others)
    cfg = read_config(config, options)
    cfg.work_dir = str(folder)
    RUNS.clear()
    run_stages(cfg)
    return shared, [text[0] for text in RUNS]


def test_equal_stages_run_once_whatever_their_names(configs, tmp_path):
    base, both, more = (tmp_path / name for name in configs)
    assert run(configs['base'], base) == ([], ['a'])
    assert run(configs['both'], both, others=[base]) == (['base_1'], ['b', 'c'])
    shared = ['base_1', 'base_2']
    assert run(configs['more'], more, others=[base, both]) == (shared, ['d'])
    record = json.loads((more / 'end' / 'stage.json').read_text())
    assert (
        record['after']['base_2']
        == json.loads((both / 'base_2' / 'stage.json').read_text())['run']
    )
    # the file stays with the run that made it
    assert (both / 'base_2' / 'out.txt').is_file()
    assert not (more / 'base_2' / 'out.txt').exists()


def test_another_option_shares_nothing(configs, tmp_path):
    run(configs['base'], tmp_path / 'base')
    shared, ran = run(
        configs['both'], tmp_path / 'both', {'word': 'y'}, [tmp_path / 'base']
    )
    assert shared == [] and ran == ['a', 'b', 'c']


def test_own_stages_come_first_and_absent_runs_are_left_out(configs, tmp_path):
    folder = tmp_path / 'both'
    run(configs['both'], folder)
    others = [tmp_path / 'nowhere']
    everything = ['base_1', 'base_2', 'end']
    assert run(configs['both'], folder, others=others) == (everything, [])


def test_an_unfinished_stage_is_not_shared(configs, tmp_path):
    base = tmp_path / 'base'
    run(configs['base'], base)
    file = base / 'supervised' / 'stage.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), 'state': 'running'}))
    assert share_stages(configs['both'], tmp_path / 'both', None, [base]) == []
    assert not (tmp_path / 'both').exists()
