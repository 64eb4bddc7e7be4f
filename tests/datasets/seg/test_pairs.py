import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.seg.pairs import find_pairs, group_of, snap_of


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)


def test_files_are_paired_by_name_whatever_their_suffix(tmp_path):
    for name in ('p1_1', 'p1_2', 'p2_1'):
        save(tmp_path / f'images/{name}.jpg', np.zeros((2, 2)))
        save(tmp_path / f'masks/{name}.png', np.zeros((2, 2)))
    pairs = find_pairs(tmp_path / 'images', tmp_path / 'masks', '^(.*)_')
    assert [(pair.name, pair.group) for pair in pairs] == (
        [('p1_1', 'p1'), ('p1_2', 'p1'), ('p2_1', 'p2')]
    )
    assert snap_of(pairs) == 0
    assert snap_of(find_pairs(tmp_path / 'masks', tmp_path / 'images')) == 127
    (tmp_path / 'masks/p1_1.png').unlink()
    with pytest.raises(ValueError, match='1 of 3 images have no .*first: p1_1'):
        find_pairs(tmp_path / 'images', tmp_path / 'masks')
    with pytest.raises(FileNotFoundError, match='labels does not exist'):
        find_pairs(tmp_path / 'images', tmp_path / 'labels')


@pytest.mark.parametrize('pattern', ['^(x)', 'p', '('])
def test_a_pattern_without_a_group_is_refused(pattern):
    with pytest.raises(ValueError, match='group'):
        group_of('p1_1', pattern)
