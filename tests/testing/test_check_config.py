"""A config is refused by the tester as by the tool, in the tester's words."""

from pathlib import Path

import pytest

from ssltoolbox.testing import check_config
from ssltoolbox.testing.properties.configs import CONFIGS

from .broken import assert_complete, assert_named

ROOT = Path(__file__).parents[2] / 'configs'
TOY = ROOT / 'scarcenet' / 'resnet18_toyanimals_5shot_supervised.py'
BROKEN = {
    'every stage can be built and run': "student = dict(backbone=dict(type='Nothing'))",
    'every key is read by something': 'suppervised_epochs = 3',
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_config_without_the_property_is_caught(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'mine.py'
    path.write_text(f"_base_ = '{TOY}'\n{BROKEN[name]}\n")
    assert_named(lambda: check_config(path), CONFIGS, name, 'mine.py')


def test_every_property_has_its_broken_example():
    assert_complete(CONFIGS, BROKEN)
