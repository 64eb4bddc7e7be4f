import numpy as np
import pytest

from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.prepare import PreparedSequence
from ssltoolbox.datasets.depth.sparse_maps import sparse_maps


def sequence(points, seen=None, shift=(1.0, 0.0, 0.0)):
    """Two views of 16 x 8 px with focal length 4, the second moved by ``-shift``."""
    points = np.array(points, float)
    extrinsics = np.tile(np.eye(4), (2, 1, 1))
    extrinsics[1, :3, 3] = shift
    count = len(points)
    seen = np.ones((count, 2), bool) if seen is None else np.array(seen, bool)
    return PreparedSequence(
        frames=np.array([0, 1]),
        window=FrameWindow(0, 0, 16, 8, 1),
        mask=np.full((8, 16), 255, np.uint8),
        intrinsics=np.array([[4.0, 0, 8], [0, 4, 4], [0, 0, 1]]),
        extrinsics=extrinsics,
        points=points,
        seen=seen,
        near=np.ones((count, 2), bool),
        scale=2.0,
    )


def test_depth_and_flow_of_a_point():
    maps = sparse_maps(sequence([[0, 0, 2]]), 0, 1)
    assert maps.depth[0, 4, 8] == 1 and maps.depth.sum() == 1
    # 4 * 1 / 2 px to the right, of 16
    np.testing.assert_array_equal(maps.flow[:, 4, 8], [2 / 16, 0])
    assert maps.depth_weight.sum() == maps.flow_weight.sum() == 1


def test_of_two_points_at_a_pixel_the_nearer_one_shows():
    near_first = sequence([[0, 0, 2], [0, 0, 4]])
    assert sparse_maps(near_first, 0, 1).depth[0, 4, 8] == 1
    assert sparse_maps(near_first, 0, 1, last_wins=True).depth[0, 4, 8] == 2


def test_a_point_behind_the_other_camera_has_depth_and_no_flow():
    maps = sparse_maps(sequence([[0, 0, 2]], shift=(0, 0, -3)), 0, 1)
    assert maps.depth_weight.sum() == 1 and maps.flow_weight.sum() == 0
    assert np.isfinite(maps.flow).all()


def test_a_point_in_the_plane_of_the_other_camera_makes_no_nan():
    maps = sparse_maps(sequence([[0, 0, 2]], shift=(0, 0, -2)), 0, 1, last_wins=True)
    assert np.isfinite(maps.flow).all() and maps.flow_weight.sum() == 0


def test_long_flows_do_not_count():
    maps = sparse_maps(sequence([[0, 0, 2]], shift=(6, 0, 0)), 0, 1, max_flow=0.5)
    assert maps.flow_weight.sum() == 0 and not maps.flow.any()


@pytest.mark.parametrize('other', [0, 1])
def test_weights_grow_with_the_length_of_the_track(other):
    seen = [[1, 0], [1, 1]]
    maps = sparse_maps(sequence([[0, 0, 2], [1, 0, 2]], seen), 0, 1, track_constant=5)
    assert maps.depth_weight[0, 4, 8] == pytest.approx(1 - np.exp(-1 / 5))
    assert maps.flow_weight[0, 4, 10] == pytest.approx(1 - np.exp(-2 / 5))


def test_points_found_elsewhere_count_only_if_there_are_no_others():
    points, seen = [[0, 0, 2], [1, 0, 2]], [[0, 1], [1, 1]]
    maps = sparse_maps(sequence(points, seen), 0, 1)
    assert maps.found_weight[0, 4, 8] == 0 and maps.found_weight[0, 4, 10] == 1
    assert maps.flow_weight.sum() == maps.depth_weight.sum() == 2
    maps = sparse_maps(sequence(points, [[0, 1], [0, 1]]), 0, 1)
    assert maps.found_weight.sum() == 2


def test_points_off_the_mask_are_not_drawn():
    hidden = sequence([[0, 0, 2]])
    hidden.mask[4, 8] = 254
    assert sparse_maps(hidden, 0, 1).depth_weight.sum() == 0
