"""Distances to surfaces, by trying every triangle, and files that are none."""

import numpy as np
import pytest
import trimesh
from trimesh.triangles import closest_point

from ssltoolbox.evaluation.surface import Surface, read_surface

from ..bumpy_surface import bumpy_surface


def every_triangle(surface, points):
    corners = surface.points[surface.triangles]
    repeated = (np.repeat(point[None], len(corners), 0) for point in points)
    return np.array(
        [np.linalg.norm(closest_point(corners, r) - r, axis=1).min() for r in repeated]
    )


def test_distances_to_large_triangles():
    box = trimesh.creation.box((10, 2, 1))
    surface = Surface(np.array(box.vertices), np.array(box.faces))
    points = np.random.default_rng(0).uniform(-8, 8, (100, 3))
    places, gaps = surface.nearest(points)
    np.testing.assert_allclose(gaps, every_triangle(surface, points), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(places - points, axis=1), gaps)
    outside = np.maximum(np.abs(points) - (5, 1, 0.5), 0)
    far = outside.any(1)
    np.testing.assert_allclose(gaps[far], np.linalg.norm(outside[far], axis=1))


def test_distances_to_a_bent_surface():
    surface = bumpy_surface()
    points = surface.samples[0][::200] + np.random.default_rng(0).normal(0, 1, (200, 3))
    gaps = surface.nearest(points)[1]
    excess = gaps - every_triangle(surface, points)
    assert excess.min() > -1e-9 and excess.max() < 0.02 and excess.mean() < 1e-3


def test_samples_lie_on_the_surface_and_are_spread_evenly():
    square = np.array([[0, 0, 0], [3, 0, 0], [3, 1, 0], [0, 1, 0.0]])
    surface = Surface(square, np.array([[0, 1, 2], [0, 2, 3]]))
    places, owners = surface.samples
    assert (places[:, 2] == 0).all() and places.min() >= 0
    counts = np.histogram2d(*places[:, :2].T, bins=(6, 2), range=[[0, 3], [0, 1]])[0]
    assert counts.min() > 0.95 * len(places) / 12
    assert np.bincount(owners).min() > 0.49 * len(places)


def test_distance_to_points():
    surface = Surface(np.array([[0.0, 0, 0], [4, 0, 0]]), np.empty((0, 3), int))
    places, gaps = surface.nearest(np.array([[1.0, 0, 0], [4, 3, 0]]))
    assert gaps.tolist() == [1, 3] and places[1].tolist() == [4, 0, 0]
    assert surface.extent == 4


@pytest.mark.parametrize('suffix', ['.ply', '.stl', '.obj', '.off', '.STL'])
def test_formats(tmp_path, suffix):
    ball = trimesh.creation.icosphere(1)
    path = tmp_path / f'a{suffix}'
    path.write_bytes(_bytes(ball.export(file_type=suffix[1:].lower())))
    surface = read_surface(path)
    assert len(surface.triangles) == 80
    assert surface.nearest(np.zeros((1, 3)))[1][0] == pytest.approx(0.93, abs=0.03)


def test_a_file_of_several_parts_is_one_surface(tmp_path):
    part = 'v {0} 0 0\nv {0} 1 0\nv {0} 0 1\n'
    text = f'o one\n{part.format(0)}f 1 2 3\no two\n{part.format(5)}f 4 5 6\n'
    (tmp_path / 'a.obj').write_text(text)
    surface = read_surface(tmp_path / 'a.obj')
    assert len(surface.triangles) == 2
    assert surface.nearest(np.array([[4.0, 0.2, 0.2]]))[1][0] == pytest.approx(1)


def test_triangles_without_area_are_left_out(tmp_path):
    text = 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 2 0 0\nf 1 2 3\nf 1 2 4\n'
    (tmp_path / 'a.obj').write_text(text)
    assert len(read_surface(tmp_path / 'a.obj').triangles) == 1


@pytest.mark.parametrize(
    ('name', 'content', 'says'),
    [
        ('a.ply', b'hello', 'damaged, or no surface'),
        ('a.stl', b'', 'damaged, or no surface|has no points'),
        ('a.txt', b'1 2 3', 'cannot be read: expected a surface or cloud'),
        ('a.obj', b'# nothing\n', 'damaged, or no surface|has no points'),
        ('a.obj', b'v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', 'point 0 is not finite'),
    ],
)
def test_what_is_no_surface_is_named(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf'{name}.*({says})'):
        read_surface(tmp_path / name)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.ply does not exist'):
        read_surface(tmp_path / 'none.ply')


def _bytes(content):
    return content.encode() if isinstance(content, str) else content
