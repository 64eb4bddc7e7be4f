"""Two processes learn depth together: equal weights, and one list of failures."""

from pathlib import Path

import pytest
import torch

from .processes import PROBE, launch

BASE = Path(__file__).parents[2] / 'configs/endodepth/fcdensenet_toytubes_teacher-student.py'
CONFIG = """
_base_ = '{base}'
custom_imports = dict(imports=['probe'])
semi_hooks = [
    dict(type='ssltoolbox.IterationSeedHook'),
    dict(type='ssltoolbox.SemiSupervisionHook'),
    dict(type='SyncBuffersHook'),
    dict(type='Probe'),
]
method = dict(max_flow_loss=0.0)  # all fail
"""


@pytest.fixture(scope='module')
def trained(tiny_stages, tmp_path_factory):
    """Work dir of all stages, trained by two processes."""
    folder = tmp_path_factory.mktemp('probe')
    (folder / 'probe.py').write_text(PROBE)
    path = folder / 'config.py'
    path.write_text(CONFIG.format(base=BASE))
    options = tiny_stages | {
        'teacher_epochs': 1,
        'distil_epochs': 1,
        'epochs': 1,
        'batch_size': 1,
    }
    done = launch('dist_train.sh', [path, 2, '--work-dir', folder], options, path)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize('stage', ['teacher_sfm', 'distil', 'student_sfm'])
def test_both_end_with_the_same_weights(trained, stage):
    one, two = (torch.load(trained / stage / f'probe_{rank}.pth') for rank in range(2))
    assert one.keys() == two.keys() and len(one) > 10
    assert [key for key in one if not torch.equal(one[key], two[key])] == []


def test_failures_of_both_are_kept(trained):
    state = torch.load(trained / 'teacher_sfm' / 'epoch_1.pth', weights_only=False)
    # two of three steps of two processes see either tube
    assert set(state['failed_sequences']['failed']) <= {0, 1}
    assert state['failed_sequences']['failed']
