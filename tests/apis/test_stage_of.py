"""A checkpoint is used with the config of the stage that made it."""

import json

import pytest

from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.stage_of import load_config_of, run_of, stage_of

CONFIG = """
size = 1
stages = [
    dict(name='first', cfg=dict(model=dict(type='A', size='${size}'))),
    dict(name='second', cfg=dict(model=dict(type='B'))),
]
"""


@pytest.fixture
def config(tmp_path):
    file = tmp_path / 'config.py'
    file.write_text(CONFIG)
    return file


@pytest.fixture
def checkpoint(tmp_path):
    (tmp_path / 'run').mkdir()
    record = dict(stage='first', state='done', outputs={})
    (tmp_path / 'run' / 'stage.json').write_text(json.dumps(record))
    return tmp_path / 'run' / 'epoch_1.pth'


def test_the_stage_is_that_of_the_record_beside_it(config, checkpoint):
    assert stage_of(checkpoint, read_config(config)) == 'first'
    found = load_config_of(config, checkpoint, options={'size': 3})
    assert found.model == dict(type='A', size=3)


def test_a_stage_that_is_named_comes_first(config, checkpoint):
    assert load_config_of(config, checkpoint, 'second').model.type == 'B'


def test_without_a_record_it_is_the_last_stage(config, checkpoint, tmp_path):
    for elsewhere in (tmp_path / 'epoch_1.pth', 'https://host/epoch_1.pth'):
        assert stage_of(elsewhere, read_config(config)) is None
        assert load_config_of(config, elsewhere).model.type == 'B'


@pytest.mark.parametrize(
    'text', ['{"stage": "third"}', '[1]', '{"stage": ["first"', '']
)
def test_a_record_of_another_config_or_a_damaged_one_says_nothing(
    config, checkpoint, text
):
    (checkpoint.parent / 'stage.json').write_text(text)
    assert stage_of(checkpoint, read_config(config)) is None


def test_a_config_without_stages_is_taken_as_it_is(checkpoint, tmp_path):
    file = tmp_path / 'plain.py'
    file.write_text("model = dict(type='C')")
    assert load_config_of(file, checkpoint).model.type == 'C'


def test_the_run_is_the_folder_of_its_stages_or_of_its_one_training(
    checkpoint, tmp_path
):
    assert run_of(checkpoint) == tmp_path
    (tmp_path / 'plain').mkdir()
    assert run_of(tmp_path / 'plain' / 'epoch_1.pth') is None
    (tmp_path / 'plain' / 'commands.json').write_text('{}')
    assert run_of(tmp_path / 'plain' / 'epoch_1.pth') == tmp_path / 'plain'
    assert run_of('https://host/epoch_1.pth') is None
