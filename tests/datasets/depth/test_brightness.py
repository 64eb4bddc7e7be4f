import numpy as np
import pytest

from ssltoolbox.datasets.depth.brightness import (
    brightness_range,
    project,
    true_points,
    visible,
)
from ssltoolbox.datasets.depth.prepare import SfmSettings, prepare
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.testing.toy_tubes.generate import generate

MATRIX = np.array([[10.0, 0, 8], [0, 10, 8], [0, 0, 1]])


def test_the_range_grows_from_the_fullest_bin():
    values = np.array([1.0] * 8 + [3, 1000])
    low, high = brightness_range(values, 0.85)
    # bins are 1 wide and 8 of the 9 values in them lie in one; its right neighbour
    # joins in before the share is looked at
    assert (low, high) == (1, 3)


def test_pixels_and_depth_of_points():
    extrinsic = np.eye(4)
    extrinsic[2, 3] = 1
    pixels, depth = project(np.array([[1, 2, 1.0], [0, 0, -1]]), extrinsic, MATRIX)
    np.testing.assert_array_equal(depth, [2, 0])
    np.testing.assert_array_equal(pixels[0], [13, 18])
    assert not np.isfinite(pixels[1]).any()


def test_visible_is_what_lies_on_the_mask_before_the_camera():
    mask = np.zeros((4, 6), np.uint8)
    mask[1, 2] = 255
    pixels = np.array([[2, 1], [2.4, 1.4], [2.6, 1], [-1, 1], [2, 1], [np.nan, 1]])
    depth = np.array([1, 1, 1, 1, -1, 1.0])
    found = visible(pixels, depth, mask)
    np.testing.assert_array_equal(found, [1, 1, 0, 0, 0, 0])


def wall(distance):
    """A wall of grey 0.8 at distance 1, its points, and one that is too far."""
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(-0.4, 0.4, (40, 2)), np.ones((40, 1))], 1)
    points = np.concatenate([distance * points, [[0, 0, 3 * distance]]])
    image = np.full((17, 17, 3), 204, np.uint8)
    return points, image


def test_a_point_behind_the_wall_is_a_false_one():
    points, image = wall(2.0)
    points[:40, 2] *= np.linspace(0.95, 1.05, 40)
    seen = np.ones((41, 1), bool)
    mask = np.full((17, 17), 255, np.uint8)
    kept = true_points([image], points, seen, mask, np.eye(4)[None], MATRIX, 0.97)
    assert not kept[40]
    assert kept[:40].mean() > 0.85


def test_points_that_appear_nowhere_are_false_ones():
    points, image = wall(2.0)
    mask = np.full((17, 17), 255, np.uint8)
    seen = np.zeros((41, 1), bool)
    kept = true_points([image], points, seen, mask, np.eye(4)[None], MATRIX, 0.97)
    assert not kept.any()


def test_points_behind_all_cameras_are_an_error_that_names_the_sequence(folder):
    text = (folder / 'structure.ply').read_text()
    head, rows = text.split('end_header\n')
    count = len(rows.splitlines())
    (folder / 'structure.ply').write_text(f'{head}end_header\n' + '0 0 -999\n' * count)
    with pytest.raises(ValueError, match=f'none of the {count} points is left'):
        prepare(SfmSequence.read(folder), SfmSettings(downsampling=2, multiple=32))


def test_outliers_of_a_rendered_sequence_are_found_more_often_than_others(tmp_path):
    options = dict(patients=1, frames=6, width=128, points=150, progress=False)
    root = generate(tmp_path / 'set', outliers=0.1, seed=3, **options)
    folder = next(root.glob('bag_1/_start_*'))
    sequence = SfmSequence.read(folder)
    wrong = np.array((folder / 'truth' / 'outliers').read_text().split(), int)
    assert 5 <= len(wrong) <= 30
    settings = SfmSettings(downsampling=2, multiple=32, inlier_share=0.9)
    kept = {tuple(p) for p in prepare(sequence, settings).points}
    left = np.array([tuple(p) in kept for p in sequence.points])
    assert left[wrong].mean() < left.mean() - 0.1
    assert np.delete(left, wrong).mean() > 0.8
