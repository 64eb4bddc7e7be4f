import io
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from ssltoolbox.datasets.depth import cache as module
from ssltoolbox.datasets.depth.cache import prepared
from ssltoolbox.datasets.depth.prepare import SfmSettings
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence

SETTINGS = SfmSettings(downsampling=2, multiple=32)
CONCURRENT = """
import sys
from ssltoolbox.datasets.depth.cache import prepared
from ssltoolbox.datasets.depth.prepare import SfmSettings
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from pathlib import Path
folder, cache = map(Path, sys.argv[1:])
settings = SfmSettings(downsampling=2, multiple=32)
for _ in range(5):
    made = prepared(SfmSequence.read(folder), settings, None, cache)
    for path in cache.glob('*.npz'):
        path.unlink(missing_ok=True)
print(len(made.points))
"""


@pytest.fixture
def cache(tmp_path):
    return tmp_path / 'cache'


@pytest.fixture
def made(monkeypatch):
    """Names of what was prepared, and not read."""
    names, prepare = [], module.prepare

    def counted(sequence, *args):
        names.append(sequence.folder.name)
        return prepare(sequence, *args)

    monkeypatch.setattr(module, 'prepare', counted)
    return names


def equal(ours, theirs):
    for key, value in ours.arrays().items():
        np.testing.assert_array_equal(value, theirs.arrays()[key])
    assert ours.window == theirs.window


def test_what_was_prepared_once_is_read(original, cache, made):
    first = prepared(SfmSequence.read(original), SETTINGS, None, cache)
    again = prepared(SfmSequence.read(original), SETTINGS, None, cache)
    assert len(made) == 1
    equal(first, again)
    (path,) = cache.iterdir()
    with np.load(path, allow_pickle=False) as file:
        header = json.loads(str(file['header']))
    assert header['settings']['downsampling'] == 2
    assert set(header['files']) >= {'motion.yaml', 'structure.ply'}


def test_other_settings_and_sizes_are_prepared_anew(original, cache, made):
    sequence = SfmSequence.read(original)
    prepared(sequence, SETTINGS, None, cache)
    prepared(sequence, SETTINGS, (96, 64), cache)
    prepared(sequence, SfmSettings(downsampling=2, multiple=64), None, cache)
    assert len(made) == 3


@pytest.mark.parametrize('name', ['00001001.jpg', 'structure.ply', 'motion.yaml'])
def test_other_files_are_prepared_anew(folder, cache, made, name):
    prepared(SfmSequence.read(folder), SETTINGS, None, cache)
    path = folder / name
    if path.suffix == '.jpg':
        os.utime(path, (1, 1))
    else:
        path.write_bytes(path.read_bytes() + b'\n')
    prepared(SfmSequence.read(folder), SETTINGS, None, cache)
    assert len(made) == 2


class Trap:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def saved(save, *values, **arrays) -> bytes:
    """What numpy writes; objects are pickled, as it does where nobody forbids it."""
    file = io.BytesIO()
    save(file, *values, **arrays)
    return file.getvalue()


@pytest.mark.parametrize('kind', ['pickle', 'npy', 'numbers', 'cut', 'empty', 'other'])
def test_what_is_no_prepared_sequence_is_replaced(original, cache, made, kind):
    sequence = SfmSequence.read(original)
    first = prepared(sequence, SETTINGS, None, cache)
    (path,) = cache.iterdir()
    whole, trap = path.read_bytes(), Trap(str(cache.with_name('trapped')))
    content = dict(
        pickle=pickle.dumps(trap),
        npy=saved(np.save, np.array([trap])),
        numbers=saved(np.save, np.arange(3)),
        other=saved(np.savez, header=np.array('{}')),
        cut=whole[:-40],
        empty=b'',
    )
    path.write_bytes(content[kind])
    equal(prepared(sequence, SETTINGS, None, cache), first)
    assert len(made) == 2
    assert not cache.with_name('trapped').exists()
    assert path.read_bytes()[:2] == b'PK'
    prepared(sequence, SETTINGS, None, cache)
    assert len(made) == 2


def test_without_a_folder_and_where_nothing_can_be_written(original, tmp_path, made):
    sequence = SfmSequence.read(original)
    (tmp_path / 'file').write_text('')
    first = prepared(sequence, SETTINGS, None, None)
    equal(prepared(sequence, SETTINGS, None, tmp_path / 'file'), first)
    assert len(made) == 2


def test_several_processes_prepare_at_once(original, cache):
    cache.mkdir()
    runs = [
        subprocess.Popen(
            [sys.executable, '-c', CONCURRENT, original, cache],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    found = {run.communicate()[0].strip().splitlines()[-1] for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    alone = prepared(SfmSequence.read(original), SETTINGS, None, None)
    assert found == {str(len(alone.points))}
