"""Clouds of points, by head and against the torch geometry of training."""

import numpy as np
import pytest
import torch

from ssltoolbox.geometry.camera import back_project
from ssltoolbox.geometry.point_cloud import depth_range_scale, point_cloud

CAMERA = np.array([[2.0, 0, 1], [0, 4, 0.5], [0, 0, 1]])


def test_points_and_colours_by_head():
    depth = np.array([[1.0, 2, 3], [4, 5, 6]])
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    mask = np.array([[1, 0, 0], [0, 0, 1]])
    cloud = point_cloud(depth, image, mask, CAMERA)
    np.testing.assert_allclose(cloud.points, [[-0.5, -0.125, 1], [3, 0.75, 6]])
    assert cloud.colors.tolist() == [[2, 1, 0], [17, 16, 15]]
    assert len(cloud) == 2


def test_agrees_with_the_geometry_of_training():
    rng = np.random.default_rng(0)
    depth, image = rng.random((6, 5)) + 1, np.zeros((6, 5, 3), np.uint8)
    cloud = point_cloud(depth, image, np.ones((6, 5)), CAMERA)
    theirs = back_project(
        torch.from_numpy(depth)[None, None], torch.tensor(CAMERA[None])
    )
    np.testing.assert_allclose(cloud.points, theirs[0].flatten(1).T, rtol=1e-6)
    few = point_cloud(depth, image, np.ones((6, 5)), CAMERA, stride=2)
    rows = theirs[0, :, ::2, ::2].flatten(1).T
    np.testing.assert_allclose(few.points, rows, rtol=1e-6)


def test_what_has_no_depth_is_left_out():
    depth = np.array([[0, -1, np.nan, np.inf, 1]])
    cloud = point_cloud(depth, np.zeros((1, 5, 3), np.uint8), np.ones((1, 5)), CAMERA)
    assert cloud.points[:, 2].tolist() == [1]


def test_clouds_are_placed():
    image = np.zeros((1, 2, 3), np.uint8)
    cloud = point_cloud(np.array([[1.0, 3]]), image, np.ones((1, 2)), np.eye(3))
    assert depth_range_scale(cloud.points[:, 2], 20) == 10
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    placed = cloud.placed(10 * turn, np.array([1, 2, 3]))
    assert placed.points.tolist() == [[1, 2, 13], [1, 32, 33]]


def test_wrong_input_is_refused():
    depth, image, mask = np.ones((2, 3)), np.zeros((2, 3, 3), np.uint8), np.ones((3, 2))
    with pytest.raises(ValueError, match=r'mask \(3, 2\) must be'):
        point_cloud(depth, image, mask, CAMERA)
    with pytest.raises(ValueError, match='stride must be 1 or more, got 0'):
        point_cloud(depth, image, mask.T, CAMERA, 0)
    with pytest.raises(ValueError, match='without extent in depth'):
        depth_range_scale(np.ones(3), 20)
