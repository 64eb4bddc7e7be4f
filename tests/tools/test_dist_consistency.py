"""A mean teacher with VAT in two processes on the CPU."""

import json
from pathlib import Path

import pytest
import torch

from ssltoolbox.checkpoints.loading import load_checkpoint_file

from .processes import PROBE, ROOT, launch

LEAF = ROOT / 'configs' / 'ssl2dpose' / 'daunet_toyinstruments_vat-mean-teacher.py'
CONFIG = f"""
_base_ = '{LEAF}'
custom_imports = dict(imports=['probe'])
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='SyncBuffersHook'),
    dict(type='Probe'),
]
"""


@pytest.fixture(scope='module')
def trained(tiny_instruments, tmp_path_factory):
    """Work dir of the last stage; two processes took two steps in each."""
    folder = tmp_path_factory.mktemp('two')
    (folder / 'probe.py').write_text(PROBE)
    config = folder / 'config.py'
    config.write_text(CONFIG)
    absent = ('picture_interval', 'watch_interval')  # without their hooks
    options = {k: v for k, v in tiny_instruments.items() if k not in absent}
    arguments = [config, 2, '--work-dir', folder]
    options |= {'epochs': 1, 'supervised_epochs': 1}
    done = launch('dist_train.sh', arguments, options, config)
    assert done.returncode == 0, done.stderr[-3000:]
    return Path(folder) / 'semi'


def test_student_and_teacher_are_the_same_in_both(trained):
    one, two = (torch.load(trained / f'probe_{rank}.pth') for rank in range(2))
    assert one.keys() == two.keys() and {key.split('.')[0] for key in one} == {
        'student',
        'teacher',
    }
    for key, value in one.items():
        assert torch.equal(value, two[key]), key
    saved = load_checkpoint_file(trained / 'epoch_1.pth')['state_dict']
    assert all(torch.equal(saved[key], value) for key, value in one.items())
    name = 'backbone.down.0.0.conv.weight'
    student = one[f'student.{name}']
    assert not torch.equal(student, one[f'teacher.model.{name}'])


def test_each_looks_at_images_of_its_own(trained):
    ids = []
    for rank in range(2):
        lines = (trained / f'probe_{rank}.jsonl').read_text().splitlines()
        ids.append([json.loads(line) for line in lines])
    assert [list(map(len, own)) for own in ids] == [[4, 4], [4, 4]]
    # two labelled and two unlabelled images in each batch, of four of each kind
    for one, two in zip(*ids, strict=True):
        assert len({*one, *two}) == 8
