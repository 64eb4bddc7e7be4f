import shutil

import pytest


@pytest.fixture(scope='session')
def original(tubes):
    """Folder of the sequence of patient 1, not to be changed."""
    return next(tubes.glob('bag_1/_start_*'))


@pytest.fixture
def folder(original, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(original, tmp_path / 'bag_1' / original.name)


@pytest.fixture
def edit(folder):
    """Replace a text in a file of the folder."""

    def replace(name, old, new):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return replace
