"""No file runs code while it is read, by whatever way it is asked for."""

import pathlib

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModule
from mmengine.runner.checkpoint import CheckpointLoader, load_checkpoint
from torch import nn

from ssltoolbox.checkpoints import loading as module
from ssltoolbox.checkpoints.loading import (
    CheckpointError,
    UntrustedCheckpointError,
    load_checkpoint_file,
    trust_checkpoints,
)


class Touch:
    """Unpickling this creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


class Reach:
    """Unpickling this fetches an attribute of any object."""

    def __reduce__(self):
        return getattr, (dict, 'fromkeys')


@pytest.fixture
def mark(tmp_path):
    return tmp_path / 'mark'


@pytest.fixture(params=[True, False], ids=['zip', 'bare pickle'])
def hostile(request, tmp_path, mark):
    file = tmp_path / 'hostile.pth'
    state = {'state_dict': {}, 'meta': Touch(mark)}
    torch.save(state, file, _use_new_zipfile_serialization=request.param)
    return str(file)


def test_refused_when_read_directly(hostile, mark):
    advice = r'hostile\.pth needs the Python object .*model_converters.*--trust-checkp'
    with pytest.raises(UntrustedCheckpointError, match=advice):
        load_checkpoint_file(hostile)
    assert not mark.exists()


@pytest.mark.parametrize('resume', [False, True])
def test_refused_by_load_from_and_resume(tiny, hostile, mark, resume):
    with pytest.raises(UntrustedCheckpointError):
        tiny(load_from=hostile, resume=resume).train()
    assert not mark.exists()


def test_refused_by_init_cfg(hostile, mark):
    class Net(BaseModule):
        def __init__(self):
            super().__init__(dict(type='Pretrained', checkpoint=hostile))
            self.layer = nn.Linear(1, 1)

    with pytest.raises(UntrustedCheckpointError):
        Net().init_weights()
    assert not mark.exists()


def test_refused_by_the_functions_of_mmengine(hostile, mark):
    with pytest.raises(UntrustedCheckpointError):
        load_checkpoint(nn.Linear(1, 1), hostile)
    assert not mark.exists()


def test_refused_after_a_download(hostile, mark, tmp_path, monkeypatch):
    def download(url, target, progress):
        pathlib.Path(target).write_bytes(pathlib.Path(hostile).read_bytes())

    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path / 'hub'))
    with pytest.raises(UntrustedCheckpointError, match='from https://host/x'):
        CheckpointLoader.load_checkpoint('https://host/x.pth')
    assert not mark.exists()


def test_refused_by_a_loader_of_another_scheme(hostile, mark):
    load = module._guarded(lambda path, _: torch.load(path, weights_only=False))
    with pytest.raises(UntrustedCheckpointError):
        load(hostile)
    assert not mark.exists()


def test_getattr_reaches_nothing_but_the_statistics_of_logs(tmp_path):
    torch.save(Reach(), tmp_path / 'reach.pth')
    with pytest.raises(UntrustedCheckpointError):
        load_checkpoint_file(tmp_path / 'reach.pth')


def test_trusting_runs_the_code_and_says_so(hostile, mark, monkeypatch, capsys):
    monkeypatch.setattr(module, '_trusted', False)
    trust_checkpoints()
    load_checkpoint_file(hostile)
    assert mark.exists()


def test_logs_and_arrays_need_no_trust(tmp_path):
    state = {
        'log': HistoryBuffer([1.0, 3.0], [1, 1]),
        'sigmas': np.array([0.5, 0.25], np.float32),
        'names': np.array(['eye', 'nose']),
        'best': np.float64(0.5),
        'links': np.zeros((0, 2), np.uint8),
    }
    torch.save(state, tmp_path / 'plain.pth')
    loaded = load_checkpoint_file(tmp_path / 'plain.pth')
    assert loaded['log'].mean() == 2
    assert loaded['sigmas'].tolist() == [0.5, 0.25]
    assert loaded['names'].tolist() == ['eye', 'nose']
    assert loaded['best'] == 0.5
    assert loaded['links'].shape == (0, 2)


@pytest.mark.parametrize('share', [0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize('new_format', [True, False])
@pytest.mark.parametrize('count', [500, 25_000])
def test_a_truncated_file_is_called_so(tmp_path, share, new_format, count):
    file = tmp_path / 'cut.pth'
    state = {'weight': torch.ones(count)}
    torch.save(state, file, _use_new_zipfile_serialization=new_format)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(
        CheckpointError, match=r'cut\.pth cannot be read \(.*(empty|trun)'
    ):
        load_checkpoint_file(file)


@pytest.mark.parametrize('content', [b'some text', b'\x89PNG\r\n\x1a\n', b'{"a": 1}'])
def test_another_kind_of_file_is_called_so(tmp_path, content):
    file = tmp_path / 'other.pth'
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match='not a PyTorch checkpoint'):
        load_checkpoint_file(file)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no\.pth does not exist'):
        load_checkpoint_file(tmp_path / 'no.pth')
    with pytest.raises(FileNotFoundError, match='is a folder'):
        load_checkpoint_file(tmp_path)
