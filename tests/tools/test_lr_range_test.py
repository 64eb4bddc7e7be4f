"""A model whose loss is w^2: it falls at moderate rates and diverges above 1."""

import json

import pytest
import torch
from mmengine.model import BaseModel
from torch.utils.data import Dataset

from ssltoolbox.registry import DATASETS, MODELS

CONFIG = """
default_scope = 'mmpose'
model = dict(type='ssltoolbox.Square')
train_dataloader = dict(
    batch_size=1, num_workers=0, dataset=dict(type='ssltoolbox.Ones'),
    sampler=dict(type='DefaultSampler', shuffle=True))
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=1))
"""


class Square(BaseModel):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))

    def forward(self, inputs, mode='loss'):
        return {'loss': self.weight.square()}


class Ones(Dataset):
    METAINFO: dict = {}

    def __init__(self, pipeline=()):
        pass

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return {'inputs': torch.ones(1)}


@pytest.fixture(autouse=True)
def registered():
    for registry, kind in ((MODELS, Square), (DATASETS, Ones)):
        registry.register_module(module=kind, force=True)


def run(tool, tmp_path, *arguments):
    config = tmp_path / 'config.py'
    config.write_text(CONFIG)
    out = tmp_path / 'out'
    tool('lr_range_test').main([str(config), '--out', str(out), *arguments])
    return json.loads((out / 'lr_range.json').read_text()), out


def test_it_writes_what_it_saw_and_says_which_rate_to_take(tool, tmp_path, capsys):
    found, out = run(tool, tmp_path, '--iterations', '40', '--start', '1e-3')
    lowest = found['rates'][found['losses'].index(min(found['losses']))]
    assert 0.1 < lowest < 10 and found['picked'] == 1e-2
    assert (out / 'lr_range.png').stat().st_size > 1000
    assert 'optim_wrapper.optimizer.lr=0.01' in capsys.readouterr().out


def test_the_choice_of_the_published_program(tool, tmp_path):
    found, _ = run(tool, tmp_path, '--divide-by', '1', '--cap', 'inf')
    lowest = found['rates'][found['losses'].index(min(found['losses']))]
    assert found['picked'] == lowest > 1e-2


def test_bad_numbers_are_refused(tool, tmp_path):
    with pytest.raises(SystemExit, match='error: a range test goes from'):
        run(tool, tmp_path, '--start', '5', '--end', '1')
    with pytest.raises(SystemExit):
        run(tool, tmp_path, '--cap', '0')
