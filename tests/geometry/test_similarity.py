"""Similarities in closed form, against scipy and by known transforms."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ssltoolbox.geometry.similarity import DegenerateError, Similarity, umeyama

TURN = Rotation.from_rotvec([0.3, -0.5, 0.8]).as_matrix()
KNOWN = Similarity(0.37, TURN, np.array([3.0, -4, 5]))


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(50, 3))


def test_a_known_transform_is_found(points):
    found = umeyama(points, KNOWN(points))
    np.testing.assert_allclose(found.matrix, KNOWN.matrix, atol=1e-12)
    np.testing.assert_allclose(found.rotation.T @ found.rotation, np.eye(3), atol=1e-12)


def test_without_scale_it_is_scipys_rotation(points):
    target = KNOWN(points) + np.random.default_rng(1).normal(size=points.shape)
    found = umeyama(points, target, with_scale=False)
    theirs, _ = Rotation.align_vectors(target - target.mean(0), points - points.mean(0))
    np.testing.assert_allclose(found.rotation, theirs.as_matrix(), atol=1e-10)
    assert found.scale == 1


def test_it_is_the_best_one(points):
    rng = np.random.default_rng(1)
    target = KNOWN(points) + rng.normal(0, 0.3, points.shape)
    found = umeyama(points, target)
    least = ((found(points) - target) ** 2).sum()
    for _ in range(50):
        turn = Rotation.from_rotvec(rng.normal(0, 0.01, 3)).as_matrix()
        other = Similarity(
            found.scale * rng.normal(1, 0.01),
            turn @ found.rotation,
            found.translation + rng.normal(0, 0.01, 3),
        )
        assert ((other(points) - target) ** 2).sum() > least


def test_never_a_reflection(points):
    found = umeyama(points, points * (1, 1, -1))
    assert np.linalg.det(found.rotation) == pytest.approx(1)


def test_points_in_a_plane_are_enough(points):
    flat = points * (1, 1, 0)
    np.testing.assert_allclose(umeyama(flat, KNOWN(flat)).matrix, KNOWN.matrix)


@pytest.mark.parametrize('wrong', [np.ones((5, 3)), np.arange(9.0).reshape(3, 3)])
def test_points_on_a_line_are_refused(wrong):
    with pytest.raises(DegenerateError, match='one line'):
        umeyama(wrong, wrong)
    with pytest.raises(DegenerateError, match='three points are needed, got 2'):
        umeyama(wrong[:2], wrong[:2])


def test_matrices_there_and_back():
    again = Similarity.from_matrix(KNOWN.matrix)
    assert again.scale == pytest.approx(0.37)
    np.testing.assert_allclose(again.matrix, KNOWN.matrix)


@pytest.mark.parametrize(
    'wrong',
    [
        np.eye(3),
        np.diag([1, 1, -1, 1]),
        np.diag([1, 2, 1, 1]),
        np.diag([0, 0, 0, 1]),
        np.full((4, 4), np.nan),
        KNOWN.matrix.T,
    ],
)
def test_what_is_no_similarity_is_refused(wrong):
    with pytest.raises(ValueError, match='expected'):
        Similarity.from_matrix(wrong)
