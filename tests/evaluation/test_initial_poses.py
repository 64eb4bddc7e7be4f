"""Files that tell where clouds lie."""

import numpy as np
import pytest

from ssltoolbox.evaluation.initial_poses import read_initial_poses, write_initial_poses

CLOUD = np.array([[0, 0, 1], [1, 0, 3], [0, 1, 2.0]])


def test_poses_of_frames(tmp_path):
    path = tmp_path / 'initial_poses_patient_1.txt'
    path.write_text('7, 1, 2, 3, 1, 0, 0, 0\n\n8, 0, 0, 0, 0, 0, 0, 2\n')
    poses = read_initial_poses(path)
    start = poses.of('test_point_cloud_00000007.ply', CLOUD)
    # 20 mm from the nearest to the farthest point; y and z point the other way
    assert start.scale == 10
    assert start(CLOUD)[1].tolist() == [11, 2, -27]
    half_turn = poses.of('00000008.ply', CLOUD).rotation
    np.testing.assert_allclose(half_turn, np.diag([-1, 1, -1]), atol=1e-12)
    assert read_initial_poses(path, 5).of('7.ply', CLOUD).scale == 2.5
    with pytest.raises(ValueError, match=r'no pose of 00000009.ply.*\(7, 8 \.\.\.\)'):
        poses.of('00000009.ply', CLOUD)
    with pytest.raises(ValueError, match='no pose of cloud.ply'):
        poses.of('cloud.ply', CLOUD)
    with pytest.raises(ValueError, match='range of depth must be positive'):
        read_initial_poses(path, 0)


def test_what_is_written_is_read(tmp_path):
    pose = np.eye(4)
    # looks along the x axis of the surface, right is its -y, down its -z
    pose[:3, :3] = np.array([[0, -1, 0], [0, 0, -1], [1, 0, 0]]).T
    pose[:3, 3] = 1, 2, 3
    write_initial_poses(tmp_path / 'poses.txt', {7: pose, 8: np.eye(4)})
    poses = read_initial_poses(tmp_path / 'poses.txt', None)
    start = poses.of('00000007.ply', CLOUD)
    np.testing.assert_allclose(
        start(CLOUD), [[2, 2, 3], [4, 1, 3], [3, 2, 2]], atol=1e-12
    )
    np.testing.assert_allclose(poses.of('8.ply', CLOUD)(CLOUD), CLOUD, atol=1e-12)


def test_one_matrix_for_all(tmp_path):
    path = tmp_path / 'm.txt'
    np.savetxt(path, np.diag([2, 2, 2, 1]))
    assert read_initial_poses(path).of('any.ply', CLOUD).scale == pytest.approx(2)


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('', 'shape'),
        ('1 2 3\n', 'shape'),
        ('7, 1, 2, 3, 1, 0, 0, 0\n8, 1, 2\n', 'line 2'),
        ('7, 1, 2, 3, 1, 0, 0, x\n', 'line 1'),
        ('7, 1, 2, 3, 1, 0, 0, nan\n', 'line 1'),
        ('1 0 0 0\n0 2 0 0\n0 0 1 0\n0 0 0 1\n', 'a rotation times one'),
    ],
)
def test_other_files_are_named(tmp_path, text, says):
    path = tmp_path / 'm.txt'
    path.write_text(text)
    with pytest.raises(ValueError, match=rf'm.txt.*{says}'):
        read_initial_poses(path)
