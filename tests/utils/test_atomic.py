"""A file is replaced whole or not at all."""

import pytest

from ssltoolbox.utils.atomic import atomic_folder, atomic_path, write_text


def test_success_replaces_and_leaves_no_rest(tmp_path):
    file = tmp_path / 'a.txt'
    file.write_text('old')
    with atomic_path(file) as temporary:
        temporary.write_text('new')
        assert file.read_text() == 'old'
    assert [path.name for path in tmp_path.iterdir()] == ['a.txt']
    assert file.read_text() == 'new'


@pytest.mark.parametrize('error', [KeyboardInterrupt, ValueError])
def test_any_failure_keeps_the_old_file(tmp_path, error):
    file = tmp_path / 'a.txt'
    file.write_text('old')
    with pytest.raises(error), atomic_path(file) as temporary:
        temporary.write_text('half')
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ['a.txt']
    assert file.read_text() == 'old'


def test_a_missing_folder_is_made(tmp_path):
    write_text(tmp_path / 'a' / 'b' / 'c.txt', 'ä')
    assert (tmp_path / 'a' / 'b' / 'c.txt').read_bytes() == b'\xc3\xa4'


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / 'none').write_text('a file')
    with pytest.raises(OSError, match=r'cannot write .*a\.txt'):
        write_text(tmp_path / 'none' / 'a.txt', 'x')


def test_two_writers_do_not_meet(tmp_path):
    file = tmp_path / 'a.txt'
    with atomic_path(file) as first:
        first.write_text('first')
        with atomic_path(file) as second:
            second.write_text('second')
        assert file.read_text() == 'second'
    assert file.read_text() == 'first'
    assert [path.name for path in tmp_path.iterdir()] == ['a.txt']


def test_the_file_may_be_read_by_those_whom_the_umask_lets(tmp_path):
    (tmp_path / 'plain').write_text('')
    write_text(tmp_path / 'ours', '')
    assert (tmp_path / 'ours').stat().st_mode == (tmp_path / 'plain').stat().st_mode


def test_the_suffix_tells_writers_the_format(tmp_path):
    with atomic_path(tmp_path / 'a.npz') as temporary:
        assert temporary.suffix == '.npz'
        temporary.touch()


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / 'new' / 'data'
    with pytest.raises(KeyboardInterrupt), atomic_folder(out) as folder:
        (folder / 'a').write_text('a')
        raise KeyboardInterrupt
    assert not list(out.parent.iterdir())
    out.mkdir()
    with atomic_folder(out) as folder:
        (folder / 'a').write_text('a')
        assert not list(out.iterdir())
    assert [path.name for path in out.parent.iterdir()] == ['data']
    assert (out / 'a').read_text() == 'a'
    with pytest.raises(FileExistsError, match='nothing is overwritten'):
        with atomic_folder(out):
            pass
