import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ssltoolbox.datasets.depth.reprojection import (
    read_observations,
    reprojection_errors,
)
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.datasets.depth.sfm_writer import (
    rotation_quaternion,
    write_observations,
    write_sfm_files,
)
from ssltoolbox.utils.image_file import write_image


def test_quaternions_are_those_of_scipy():
    halves = [np.diag(d) for d in ([1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, 1])]
    for matrix in [*Rotation.random(20, random_state=0).as_matrix(), *halves]:
        x, y, z, w = Rotation.from_matrix(matrix).as_quat(canonical=True)
        found = rotation_quaternion(matrix.astype(float))
        # of half a turn the sign is free
        sign = np.sign(found @ [w, x, y, z])
        np.testing.assert_allclose(sign * found, [w, x, y, z], atol=1e-12)


def test_what_is_written_is_read(tmp_path):
    rng = np.random.default_rng(0)
    poses = np.tile(np.eye(4), (3, 1, 1))
    poses[:, :3, :3] = Rotation.random(3, random_state=1).as_matrix()
    poses[:, :3, 3] = rng.normal(size=(3, 3))
    points, seen = rng.normal(size=(5, 3)), rng.random((5, 3)) < 0.5
    matrix = np.array([[50.5, 0, 7.25], [0, 51, 6], [0, 0, 1]])
    mask = np.full((12, 16), 255, np.uint8)
    frames = [3, 5, 90]
    write_sfm_files(tmp_path, frames, matrix, poses, points, seen, mask)
    for frame in frames:
        write_image(tmp_path / f'{frame:08d}.jpg', np.zeros((12, 16, 3), np.uint8))
    read = SfmSequence.read(tmp_path)
    assert read.frames == frames
    np.testing.assert_allclose(read.poses, poses, atol=1e-12)
    np.testing.assert_allclose(read.points, points, rtol=1e-7)
    np.testing.assert_array_equal(read.seen, seen)
    np.testing.assert_array_equal(read.intrinsics, matrix)


def test_observations_are_read_as_written(tmp_path):
    seen = np.array([[True, False], [True, True]])
    pixels = np.arange(8.0).reshape(2, 2, 2)
    assert read_observations(tmp_path, [4, 9], 2) is None
    write_observations(tmp_path, [4, 9], seen, pixels)
    found = read_observations(tmp_path, [4, 9], 2)
    np.testing.assert_array_equal(found[seen], pixels[seen])
    assert np.isnan(found[~seen]).all()
    with pytest.raises(ValueError, match='line 4: .* of 1 registered'):
        read_observations(tmp_path, [4], 2)


def test_errors_are_distances_in_pixels_and_infinite_behind_the_camera():
    points = np.array([[0, 0, 2.0], [1, 0, 2], [0, 0, -2]])
    found = np.array([[[10.0, 13]], [[np.nan, np.nan]], [[10, 10]]])
    matrix = np.array([[8.0, 0, 10], [0, 8, 10], [0, 0, 1]])
    errors = reprojection_errors(points, np.eye(4)[None], matrix, found)
    np.testing.assert_array_equal(errors[:, 0], [3, np.nan, np.inf])
