import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import ssltoolbox.apis.training_run as module
from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.train import train
from ssltoolbox.apis.training_run import run_training

ROOT = Path(__file__).parents[2]
HRNET = ROOT / 'configs' / 'scarcenet' / 'hrnet_ap10k_5shot.py'


def test_missing_data_are_the_first_and_only_complaint(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / 'train.py'), str(HRNET)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and not done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f'error: data root {tmp_path / "data" / "ap10k"} does not')
    assert 'github.com' in line and 'make demo' in line
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'stage': 'third'}, "no stage 'third'"),
        ({'resume': 'some.pth'}, '--resume some.pth'),
        ({'options': {'semi_epoch': 3}}, "Did you mean 'semi_epochs'"),
    ],
)
def test_unsuitable_arguments_are_named(toy_config, toy, tmp_path, arguments, message):
    options = {'data_root': str(toy)} | arguments.pop('options', {})
    with pytest.raises(ConfigError, match=message):
        train(toy_config, work_dir=tmp_path, options=options, **arguments)


class Stopped(Exception):
    pass


@pytest.mark.parametrize(
    ('resume', 'saved', 'resumes', 'source'),
    [
        (True, True, True, 'epoch_1.pth'),
        (True, False, False, 'start.pth'),
        (False, True, False, 'start.pth'),
        ('other.pth', True, True, 'other.pth'),
    ],
)
def test_resuming_never_takes_the_weights_to_start_with(
    tmp_path, monkeypatch, resume, saved, resumes, source
):
    if saved:
        torch.save({}, tmp_path / 'epoch_1.pth')
        (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
    seen = {}

    def from_cfg(cfg):
        seen.update(cfg)
        raise Stopped

    monkeypatch.setattr(module.Runner, 'from_cfg', from_cfg)
    cfg = Config(dict(work_dir=str(tmp_path), load_from='start.pth'))
    with pytest.raises(Stopped):
        run_training(cfg, resume)
    assert seen['resume'] is resumes and Path(seen['load_from']).name == source
