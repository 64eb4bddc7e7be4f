import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ssltoolbox.datasets.depth.sfm_files import (
    quaternion_matrix,
    read_frames,
    read_intrinsics,
    read_numbers,
    read_points,
    read_poses,
    read_tracks,
)


@pytest.fixture
def write(tmp_path):
    def write(text, name='file'):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


PLY = """ply
format ascii 1.0
element vertex {count}
property float x
property float y
property float z
element camera 1
property float view_px
end_header
{rows}
7
"""


def test_numbers_come_one_per_line_and_empty_lines_do_not_count(write):
    assert read_numbers(write('4\n\n -1 \n'), int) == [4, -1]


@pytest.mark.parametrize('wrong', ['x', 'nan', 'inf', '1 2'])
def test_a_line_that_is_no_finite_number_is_named(write, wrong):
    with pytest.raises(ValueError, match=rf"file, line 2: .*got '{wrong}'"):
        read_numbers(write(f'1\n{wrong}\n'), float)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='visible_view_indexes does not exist'):
        read_frames(tmp_path / 'visible_view_indexes')


def test_a_frame_that_is_registered_twice_is_named(write):
    with pytest.raises(ValueError, match='got 3 frames, 7 more than once'):
        read_frames(write('7\n8\n7\n'))


@pytest.mark.parametrize(
    ('text', 'options', 'wanted'),
    [
        ('10\n20\n3\n4\n', {}, (10, 20, 3, 4)),
        ('10\n3\n4\n', {}, (10, 10, 3, 4)),
        ('10\n20\n3\n4\n' * 3, dict(per_view=4), (10, 20, 3, 4)),
        ('10\n20\n3\n' * 4, dict(per_view=3), (10, 10, 20, 3)),
        # the number of views tells which of the two it is
        ('10\n20\n3\n4\n' * 3, dict(views=3), (10, 20, 3, 4)),
        ('10\n20\n3\n' * 4, dict(views=4), (10, 10, 20, 3)),
    ],
)
def test_intrinsics_of_four_and_of_three_numbers(write, text, options, wanted):
    matrix = read_intrinsics(write(text), **options)
    fx, fy, cx, cy = wanted
    np.testing.assert_array_equal(matrix, [[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


@pytest.mark.parametrize(
    ('text', 'options', 'match'),
    [
        ('1\n' * 12, {}, 'say intrinsics_per_view=4 or 3'),
        ('1\n' * 5, {}, 'has 5 numbers, expected 4'),
        ('', {}, 'has 0 numbers'),
        ('1\n' * 4, dict(per_view=3), 'has 4 numbers, expected 3'),
        ('0\n1\n1\n1\n', {}, 'must be positive, got 0.0 and 1.0'),
    ],
)
def test_intrinsics_that_cannot_be_told_are_refused(write, text, options, match):
    with pytest.raises(ValueError, match=match):
        read_intrinsics(write(text), **options)


def test_quaternions_turn_as_scipy_has_it_whatever_their_length():
    for turn in Rotation.random(20, random_state=0):
        x, y, z, w = turn.as_quat()
        matrix = quaternion_matrix(3 * np.array([w, x, y, z]))
        np.testing.assert_allclose(matrix, turn.as_matrix(), atol=1e-12)
    np.testing.assert_array_equal(quaternion_matrix([0, 0, 0, 0]), np.eye(3))


POSES = """header:
  seq: 0
poses[]:
  poses[0]:
    position: {x: 1, y: 2, z: 3}
    orientation: {x: 0, y: 0, z: 1, w: 0}
"""


def test_poses_are_matrices_camera_to_world(write):
    (pose,) = read_poses(write(POSES))
    wanted = [[-1, 0, 0, 1], [0, -1, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]]
    np.testing.assert_allclose(pose, wanted, atol=1e-12)


@pytest.mark.parametrize(
    ('old', 'new', 'match'),
    [
        ('poses[]', 'pose', r"must map 'poses\[\]'"),
        ('header:', '{', 'must map'),
        (', w: 0', '', r"poses\[0\] of 1 needs .*KeyError: 'w'"),
        ('x: 1', 'x: .nan', r'poses\[0\] of 1 needs .*finite'),
        ('x: 1', 'x: far', r'poses\[0\] of 1 needs'),
        ('poses[0]', 'poses[1]', r'poses\[0\] of 1 needs'),
    ],
)
def test_a_wrong_pose_is_named(write, old, new, match):
    with pytest.raises(ValueError, match=match):
        read_poses(write(POSES.replace(old, new)))


def test_a_pose_file_cannot_run_code(write):
    with pytest.raises(ValueError, match='must map'):
        read_poses(write('!!python/object/apply:os.system ["false"]'))


def test_points_are_the_vertices_only(write):
    path = write(PLY.format(count=2, rows='1 2 3\n4 5 6'), 'structure.ply')
    np.testing.assert_array_equal(read_points(path), [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    ('text', 'match'),
    [
        (PLY.format(count=2, rows='1 2 3\n4 nan 6'), r'has 2 points, point 1 is \[ 4'),
        (PLY.format(count=0, rows='').replace('\n\n', '\n'), 'ply'),
        ('not a ply', 'is no PLY file with points'),
        ('', 'is no PLY file with points'),
    ],
)
def test_points_that_are_none_are_refused(write, text, match):
    with pytest.raises(ValueError, match=match):
        read_points(write(text, 'structure.ply'))


def test_tracks_are_a_table_of_points_and_views(write):
    seen = read_tracks(write('-1\n5\n9\n-1\n-1\n7\n'), [5, 7, 9])
    np.testing.assert_array_equal(seen, [[1, 0, 1], [0, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ('text', 'match'),
    [
        ('-1\n5\n6\n', 'number 3: point 0 was seen in frame 6, .*none of the 3'),
        ('5\n-1\n', 'expected -1 in line 1'),
        ('-1\n5.5\n', 'line 2: expected a whole number'),
    ],
)
def test_wrong_tracks_are_named(write, text, match):
    with pytest.raises(ValueError, match=match):
        read_tracks(write(text), [5, 7, 9])
