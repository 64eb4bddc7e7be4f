"""Two processes on the CPU do what one does, and neither waits for a dead one."""

import json
import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch

from ssltoolbox.apis.test import test as measure
from ssltoolbox.apis.train import train
from ssltoolbox.semi.store import LabelStore

from .processes import PROBE, launch

ROOT = Path(__file__).parents[2]
CONFIG = """
_base_ = '{base}'
custom_imports = dict(imports=['probe'])
semi_ratio = None
custom_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='SyncBuffersHook'),
    dict(type='Probe'),
]
semi_hooks = custom_hooks + [dict(type='ssltoolbox.SemiSupervisionHook')]
"""


@pytest.fixture(scope='module')
def config(tmp_path_factory, toy_config):
    folder = tmp_path_factory.mktemp('probe')
    (folder / 'probe.py').write_text(PROBE)
    path = folder / 'config.py'
    path.write_text(CONFIG.format(base=toy_config))
    return path


@pytest.fixture(scope='module')
def trained(config, tiny, tmp_path_factory):
    """Work dir of all stages, trained by two processes."""
    folder = tmp_path_factory.mktemp('two')
    done = launch('dist_train.sh', [config, 2, '--work-dir', folder], tiny, config)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize('stage', ['supervised', 'semi'])
def test_both_end_with_the_same_weights(trained, stage):
    one, two = (torch.load(trained / stage / f'probe_{rank}.pth') for rank in range(2))
    assert one.keys() == two.keys() and len(one) > 50
    assert [key for key in one if not torch.equal(one[key], two[key])] == []


def test_an_epoch_is_shared_out_without_repeats(trained, toy):
    ids = defaultdict(list)
    for rank in range(2):
        text = (trained / 'semi' / f'probe_{rank}.jsonl').read_text()
        for line in text.splitlines():
            ids[rank] += json.loads(line)
    file = toy / 'annotations' / 'ap10k-train-split1.json'
    count = len(json.loads(file.read_text())['annotations'])
    assert len(ids[0]) == len(ids[1]) == count // 8 * 4
    assert len({*ids[0], *ids[1]}) == count // 8 * 8


def test_pseudo_labels_are_those_of_one_process(
    trained, config, tiny, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(config.parent)
    shutil.copytree(trained / 'supervised', tmp_path / 'supervised')
    train(config, work_dir=tmp_path, stage='pseudo_label', options=tiny)
    one, two = (
        LabelStore.read(f / 'pseudo_label' / 'store') for f in (tmp_path, trained)
    )
    assert (one.ids == two.ids).all()
    assert np.allclose(one.keypoints, two.keypoints) and np.allclose(
        one.scores, two.scores
    )


def test_a_test_counts_every_sample_once(trained, config, tiny, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(config.parent)
    checkpoint, out = trained / 'semi' / 'epoch_1.pth', tmp_path / 'two.json'
    one = measure(config, checkpoint, work_dir=tmp_path / 'one', options=tiny)
    arguments = [config, checkpoint, 2, '--work-dir', tmp_path / 'two', '--out', out]
    done = launch('dist_test.sh', arguments, tiny, config)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(out.read_text()) == pytest.approx(one, abs=1e-6)


def test_a_death_ends_the_other_and_is_reported(config, tiny, tmp_path):
    arguments = [config, 2, '--work-dir', tmp_path, '--stage', 'supervised']
    done = launch('dist_train.sh', arguments, tiny, config, PROBE_DIES='1')
    assert done.returncode != 0
    report = done.stderr[done.stderr.index('Root Cause') :]
    assert 'rank      : 1' in report and 'exitcode  : 7' in report


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh'])
def test_scripts_say_how_they_are_used(script):
    path = ROOT / 'tools' / script
    done = subprocess.run(['bash', str(path)], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith('usage: ')
    assert os.access(path, os.X_OK)
