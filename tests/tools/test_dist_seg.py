"""Data distillation in two processes on the CPU."""

import json
from pathlib import Path

import pytest
import torch

from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.semi.mask_store import MaskStore

from .processes import PROBE, ROOT, launch

LEAF = ROOT / 'configs' / 'semiseg' / 'fpenet_toypolyps_data-distillation.py'
CONFIG = f"""
_base_ = '{LEAF}'
custom_imports = dict(imports=['probe'])
custom_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='SyncBuffersHook'),
    dict(type='Probe'),
]
"""


@pytest.fixture(scope='module')
def trained(tiny_polyps, tmp_path_factory):
    """Work dir; two processes took two steps in each training."""
    folder = tmp_path_factory.mktemp('two')
    (folder / 'probe.py').write_text(PROBE)
    config = folder / 'config.py'
    config.write_text(CONFIG)
    options = tiny_polyps | {'epochs': 1, 'batch_size': 2, 'annotation.batch_size': 1}
    options['supervised_epochs'] = 1
    arguments = [config, 2, '--work-dir', folder]
    done = launch('dist_train.sh', arguments, options, config)
    assert done.returncode == 0, done.stderr[-3000:]
    return Path(folder)


@pytest.mark.parametrize('stage', ['base_1', 'target'])
def test_both_end_with_the_same_network(trained, stage):
    one, two = (torch.load(trained / stage / f'probe_{rank}.pth') for rank in range(2))
    saved = load_checkpoint_file(trained / stage / 'epoch_1.pth')['state_dict']
    assert one.keys() == two.keys() == saved.keys()
    for key, value in one.items():
        assert torch.equal(value, two[key]) and torch.equal(value, saved[key]), key


def test_they_share_the_images_that_are_annotated(trained):
    record = json.loads((trained / 'annotate' / 'stage.json').read_text())
    store = MaskStore.read(record['outputs']['store'])
    assert len(store.accepted) == 4


def test_each_looks_at_images_of_its_own(trained):
    ids = []
    for rank in range(2):
        lines = (trained / 'target' / f'probe_{rank}.jsonl').read_text().splitlines()
        ids.append([json.loads(line) for line in lines])
    for one, two in zip(*ids, strict=True):
        assert len({*one, *two}) == 4
