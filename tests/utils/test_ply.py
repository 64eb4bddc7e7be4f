"""PLY files, read by an outside library."""

import numpy as np
import pytest
import trimesh

from ssltoolbox.utils.ply import write_ply

POINTS = np.array([[0, 0.1, -2e-7], [1.5, 1 / 3, 3e6]], np.float32)
COLORS = np.array([[0, 128, 255], [1, 2, 3]], np.uint8)


@pytest.mark.parametrize('encoding', ['binary', 'ascii'])
@pytest.mark.parametrize('colors', [None, COLORS])
def test_what_is_written_is_read(tmp_path, encoding, colors):
    path = tmp_path / 'new' / 'a.ply'
    write_ply(path, POINTS, colors, encoding)
    cloud = trimesh.load(path, process=False)
    np.testing.assert_array_equal(np.float32(cloud.vertices), POINTS)
    if colors is not None:
        np.testing.assert_array_equal(cloud.colors[:, :3], colors)


@pytest.mark.parametrize('encoding', ['binary', 'ascii'])
@pytest.mark.parametrize('colors', [None, COLORS[[0, 1, 0]]])
def test_triangles_are_read(tmp_path, encoding, colors):
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [2, 1, 0]])
    write_ply(tmp_path / 'a.ply', corners, colors, encoding, triangles)
    mesh = trimesh.load(tmp_path / 'a.ply', process=False)
    np.testing.assert_array_equal(mesh.faces, triangles)
    np.testing.assert_array_equal(mesh.vertices, corners)
    assert mesh.area == 2


def test_a_binary_point_has_15_bytes(tmp_path):
    for count in (1, 2):
        write_ply(tmp_path / str(count), POINTS[:count], COLORS[:count])
    first, second = (len((tmp_path / name).read_bytes()) for name in '12')
    assert second - first == 15


def test_an_empty_cloud_is_a_file(tmp_path):
    write_ply(tmp_path / 'a.ply', np.empty((0, 3)), np.empty((0, 3), np.uint8))
    assert b'element vertex 0' in (tmp_path / 'a.ply').read_bytes()


@pytest.mark.parametrize(
    ('points', 'colors', 'encoding', 'says'),
    [
        (POINTS[:, :2], None, 'binary', r'\(N, 3\), got \(2, 2\)'),
        (POINTS, COLORS[:1], 'binary', r'uint8 \(2, 3\) like the points, got uint8'),
        (POINTS, COLORS / 255, 'binary', 'got float64'),
        (POINTS, None, 'text', "'binary' or 'ascii', got 'text'"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, points, colors, encoding, says):
    with pytest.raises(ValueError, match=says):
        write_ply(tmp_path / 'a.ply', points, colors, encoding)
    assert not list(tmp_path.iterdir())
