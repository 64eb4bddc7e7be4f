import os

import numpy as np
import pytest

from ssltoolbox.datasets.leaks import hash_files as module
from ssltoolbox.datasets.leaks.hash_cache import read_entries
from ssltoolbox.datasets.leaks.hash_files import hash_files
from ssltoolbox.datasets.leaks.picture_hash import UNREADABLE

from .pictures import texture, write


@pytest.fixture
def files(tmp_path):
    paths = write(tmp_path / 'a', one=texture(1), two=texture(2))
    return [*paths.values(), *write(tmp_path / 'b', one=texture(3)).values()]


@pytest.fixture
def hashed(monkeypatch):
    """Names of the pictures that were really hashed; all caches are kept."""
    seen = []

    def note(path):
        seen.append(os.path.relpath(path, os.path.dirname(os.path.dirname(path))))
        return original(path)

    original = module.picture_hash
    monkeypatch.setattr(module, 'picture_hash', note)
    monkeypatch.setattr(module, 'WORTH_KEEPING', 1)
    return seen


def test_a_second_run_reads_only_what_has_changed(files, hashed, tmp_path):
    first, _ = hash_files(files, tmp_path / 'cache')
    assert sorted(hashed) == ['a/one.png', 'a/two.png', 'b/one.png']
    hashed.clear()
    assert (hash_files(files, tmp_path / 'cache')[0] == first).all() and not hashed
    write(tmp_path / 'a', two=texture(4))
    again, _ = hash_files(files, tmp_path / 'cache')
    assert hashed == ['a/two.png']
    assert [(again[i] == first[i]).all() for i in range(3)] == [True, False, True]


@pytest.mark.parametrize('content', [b'', b'PK\3\4 torn', None])
def test_a_damaged_cache_is_made_anew(files, hashed, tmp_path, content):
    wanted, _ = hash_files(files, tmp_path / 'cache')
    for path in (tmp_path / 'cache').glob('*.npz'):
        path.write_bytes(path.read_bytes()[:-30] if content is None else content)
    hashed.clear()
    assert (hash_files(files, tmp_path / 'cache')[0] == wanted).all()
    assert len(hashed) == 3


def test_pickled_caches_are_not_opened(tmp_path):
    path = tmp_path / 'bad.npz'
    np.savez(path, version=1, names=np.array([{}], object))
    assert read_entries(path) == {}


def test_a_cache_that_cannot_be_written_is_no_error(files, hashed, tmp_path):
    (tmp_path / 'file').write_text('')
    assert len(hash_files(files, tmp_path / 'file' / 'cache')[0]) == 3


def test_unreadable_pictures_are_tried_again(files, hashed, tmp_path):
    (tmp_path / 'a' / 'one.png').write_bytes(b'\x89PNG torn')
    for _ in range(2):
        _, states = hash_files(files, tmp_path / 'cache')
        assert states.tolist()[0] == UNREADABLE
    assert hashed.count('a/one.png') == 2 and hashed.count('a/two.png') == 1
