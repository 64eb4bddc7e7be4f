import numpy as np
import pytest
import torch

from ssltoolbox.geometry.undo import undo_view
from ssltoolbox.geometry.view import change_matrix, mirrored_axes
from ssltoolbox.geometry.warp import cell_matrix

SIZE = (12, 8)
PLAIN = np.stack([cell_matrix(SIZE, native, 'areas').numpy() for native in
                  [(12, 8), (37, 19), (640, 481)]])  # fmt: skip


def test_mirrors_are_told_from_other_changes():
    assert mirrored_axes(np.eye(3), SIZE) == (False, False)
    assert mirrored_axes(change_matrix(SIZE, hflip=True), SIZE) == (True, False)
    assert mirrored_axes(change_matrix(SIZE, vflip=True), SIZE) == (False, True)
    assert mirrored_axes(change_matrix(SIZE, True, True), SIZE) == (True, True)
    assert mirrored_axes(change_matrix(SIZE, rotation=1), SIZE) is None
    assert mirrored_axes(change_matrix((13, 8), hflip=True), SIZE) is None


@pytest.mark.parametrize('cells', [(8, 12), (2, 3)])
@pytest.mark.parametrize('axes', [(), (-1,), (-2,), (-2, -1)])
def test_mirrors_are_undone_to_the_bit(axes, cells):
    maps = torch.rand(3, 2, *cells)
    change = change_matrix(SIZE, -1 in axes, -2 in axes)
    found, known = undo_view(maps.flip(axes), change @ PLAIN, PLAIN, SIZE)
    assert torch.equal(found, maps) and known is None


def test_other_changes_say_where_they_saw_nothing():
    maps = torch.rand(3, 2, 8, 12)
    change = change_matrix(SIZE, translation=(3, 0))
    found, known = undo_view(maps, change @ PLAIN, PLAIN, SIZE)
    assert torch.allclose(found[..., :9], maps[..., 3:], atol=1e-5)
    assert known[..., :9].all() and not known[..., 9:].any()


def test_cells_of_a_stride_are_not_simply_mirrored():
    # cell i stands for pixel 4 i, whose mirror image 11 - 4 i is no such pixel
    maps = torch.arange(3.0).expand(3, 1, 2, 3)
    change = change_matrix(SIZE, hflip=True)
    found, _ = undo_view(maps, change @ PLAIN, PLAIN, SIZE, grid='stride')
    assert not torch.equal(found, maps.flip(-1))
    assert found[0, 0, 0, 1].item() == pytest.approx((11 - 4) / 4, abs=1e-5)
