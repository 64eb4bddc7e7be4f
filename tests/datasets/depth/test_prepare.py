import numpy as np
import pytest

from ssltoolbox.datasets.depth.prepare import (
    PreparedSequence,
    SfmSettings,
    common_size,
    prepare,
    smooth_visibility,
    unit_of_depth,
)
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence

SETTINGS = dict(downsampling=2, multiple=32)


@pytest.mark.parametrize(
    'name, hint',
    [('down_sampling', "did you mean 'downsampling'"), ('x', 'downsampling, multiple')],
)
def test_a_wrong_name_is_told_with_the_right_one(name, hint):
    with pytest.raises(TypeError, match=f"take no '{name}'; {hint}"):
        SfmSettings.read({name: 2})
    assert SfmSettings.read(None) == SfmSettings()


@pytest.mark.parametrize(
    'wrong',
    [
        dict(downsampling=0.5),
        dict(multiple=0),
        dict(inlier_share=0),
        dict(inlier_share=1.1),
        dict(visibility_window=0),
        dict(scale='metres'),
    ],
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match='SfmSettings need'):
        SfmSettings(**wrong)


def test_a_point_counts_in_views_near_those_where_it_was_found():
    seen = np.zeros((1, 7), bool)
    seen[0, 3] = True
    # view i looks at i - 2 to i + 1
    near = smooth_visibility(seen, 2)
    np.testing.assert_array_equal(near, [[0, 0, 1, 1, 1, 1, 0]])
    assert smooth_visibility(seen, None).all()
    assert not smooth_visibility(~seen & seen, None).any()


def test_units_of_depth():
    poses = np.tile(np.eye(4), (3, 1, 1))
    poses[:, 0, 3] = 0, 1, 3
    points = np.array([[0, 0, 0], [0, 3, 4.0]])
    extrinsics = np.linalg.inv(poses)
    assert unit_of_depth(points, extrinsics, poses, 'extent') == 5
    assert unit_of_depth(points / 10, extrinsics, poses, 'extent') == 3
    assert unit_of_depth(points / 10, extrinsics[:1], poses, 'extent') == 1
    assert unit_of_depth(points, extrinsics, poses, 'travel') == 1


def test_a_camera_that_stands_still_has_no_unit_of_travel(original):
    sequence = SfmSequence.read(original)
    sequence.poses[:] = sequence.poses[2]
    settings = SfmSettings(**SETTINGS, scale='travel', inlier_share=1)
    with pytest.raises(ValueError, match='the camera does not move'):
        prepare(sequence, settings)


def test_all_points_are_kept_on_demand(original):
    sequence = SfmSequence.read(original)
    ready = prepare(sequence, SfmSettings(**SETTINGS, inlier_share=1))
    np.testing.assert_array_equal(ready.points, sequence.points)
    np.testing.assert_array_equal(ready.seen, sequence.seen)


def test_arrays_hold_all_of_a_sequence(original):
    ready = prepare(SfmSequence.read(original), SfmSettings(**SETTINGS))
    again = PreparedSequence.from_arrays(ready.arrays())
    assert again.window == ready.window and again.scale == ready.scale
    np.testing.assert_array_equal(again.near, ready.near)


def test_the_common_size_holds_all_windows(tubes):
    settings = SfmSettings(**SETTINGS)
    raw = [SfmSequence.read(p.parent) for p in tubes.rglob('motion.yaml')]
    assert common_size(raw, settings) == (64, 64)
    raw[0].mask[:] = 255
    assert common_size(raw, SfmSettings(downsampling=1, multiple=32)) == (128, 96)
