"""A file is replaced whole or not at all."""

import pytest

from ssltoolbox.engine.atomic import atomic_path


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


def test_a_missing_folder_is_named(tmp_path):
    file = tmp_path / 'none' / 'a.txt'
    with pytest.raises(OSError, match=r'cannot write .*a\.txt'):
        with atomic_path(file) as temporary:
            temporary.write_text('x')
