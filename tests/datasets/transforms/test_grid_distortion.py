import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.branches import Branches
from ssltoolbox.datasets.transforms.grid_distortion import (
    GridDistortion,
    axis_map,
    cell_map,
    distort,
)


def test_factors_of_one_change_nothing_within_a_cell():
    found = axis_map(10, np.ones(3))
    assert found.tolist() == [0, 1.25, 2.5, 3.75, 5, 5, 6.25, 7.5, 8.75, 10]


def test_a_cell_twice_as_dense_ends_where_the_next_begins():
    # cells of 2 pixels: 0..4, 4..5, and the pixel left over shows what is left
    assert axis_map(5, np.array([2, 0.5, 9])).tolist() == [0, 4, 4, 5, 5]


def test_cells_of_a_map_follow_their_pixels():
    moved = np.arange(12, dtype=np.float32) + 4
    assert cell_map(moved, 3).tolist() == [1, 2, 3]
    assert cell_map(np.arange(12.0), 3).tolist() == [0, 1, 2]


def test_what_lies_outside_is_mirrored():
    row = np.arange(5, dtype=np.uint8)[None].repeat(3, 0)
    made = distort(row, np.array([3, 4, 5, 6], np.float32), np.float32([0, 1, 2]))
    assert made[0].tolist() == [3, 4, 3, 2]


def sample():
    columns = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    image = np.stack([columns] * 3, -1)
    return dict(
        img=image,
        gt_seg_map=columns // 4,
        truth_seg_map=columns // 4,
        pseudo_map=np.stack([columns[::4, ::4] / 4.0] * 5).astype(np.float32),
    )


def test_image_masks_and_maps_move_alike():
    with seeded(3):
        out = GridDistortion(1.0)(sample())
    assert not np.array_equal(out['img'], sample()['img'])
    far = np.abs(out['img'][..., 0] / 4 - out['gt_seg_map'])
    assert np.median(far) < 0.5
    assert np.array_equal(out['gt_seg_map'], out['truth_seg_map'])
    # a cell holds the column of its first pixel, so it lies 1.5 before its middle
    image = out['img'][..., 0].reshape(10, 4, 15, 4).mean((1, 3)) / 4
    inner = (out['pseudo_map'][2] - image)[1:-1, 1:-1]
    assert abs(np.median(inner) + 1.5) < 0.5


def test_its_probability_is_kept_and_equal_seeds_draw_alike():
    def changed(seed, prob):
        with seeded(seed):
            out = GridDistortion(prob)(sample())
        return not np.array_equal(out['img'], sample()['img'])

    assert sum(changed(seed, 0.5) for seed in range(60)) in range(18, 43)
    assert not any(changed(seed, 0) for seed in range(5))
    assert not any(changed(seed, 1) is False for seed in range(5))


def test_what_cannot_be_distorted_is_refused():
    for fields in (dict(prob=2), dict(steps=0), dict(limit=1)):
        with pytest.raises(ValueError, match='GridDistortion: prob is in 0..1'):
            GridDistortion(**fields)
    with pytest.raises(ValueError, match='keypoints of a.png'):
        GridDistortion(1)(sample() | dict(keypoints=[], img_path='a.png'))
    tiny = dict(img=np.zeros((4, 9, 3), np.uint8), img_path='a.png')
    with pytest.raises(ValueError, match='a.png of 9 x 4 px cannot be cut into 5 x 5'):
        GridDistortion(1)(tiny)
    distort_ = dict(type='ssltoolbox.GridDistortion')
    with pytest.raises(ValueError, match='GridDistortion .* Put it before Branches'):
        Branches(weak=[distort_], strong=[distort_])
