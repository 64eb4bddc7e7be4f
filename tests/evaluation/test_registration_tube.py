"""Clouds of rendered frames on the wall of their tube, as triangles."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ssltoolbox.evaluation.icp import IcpSettings
from ssltoolbox.evaluation.registration import register
from ssltoolbox.evaluation.surface import Surface
from ssltoolbox.geometry.point_cloud import point_cloud
from ssltoolbox.geometry.similarity import Similarity
from ssltoolbox.testing.toy_tubes.camera import fly_through
from ssltoolbox.testing.toy_tubes.render import draw
from ssltoolbox.testing.toy_tubes.sequence import sample_scene
from ssltoolbox.testing.toy_tubes.wall_mesh import wall_mesh

RADIUS = 5.0
"""Of the tube, in mm."""


@pytest.fixture(scope='module')
def rendered():
    """Cloud of a frame in a unit of its own, its true place (mm), and the wall."""
    rng = np.random.default_rng(0)
    scene = sample_scene(rng, 96)
    pose = fly_through(rng, scene.tube, 3, 0.1)[1]
    frame = draw(scene, pose, rng)
    lens = scene.lens
    cloud = point_cloud(frame.depth, frame.image, lens.mask == 255, lens.matrix)
    true = Similarity(RADIUS / 0.3, pose[:3, :3], RADIUS * pose[:3, 3])
    z = true(0.3 * cloud.points.astype(float))[:, 2] / RADIUS
    mesh = wall_mesh(scene.tube, z.min() - 1, z.max() + 1)
    surface = Surface(RADIUS * mesh.points, mesh.triangles)
    return 0.3 * cloud.points.astype(float), true, surface


def test_the_true_place_is_on_the_wall(rendered):
    cloud, true, surface = rendered
    gaps = surface.nearest(true(cloud))[1]
    # as far as triangles follow the folds
    assert np.percentile(gaps, 95) < 0.02 * RADIUS


def test_the_pose_of_the_camera_is_found(rendered):
    cloud, true, surface = rendered
    turn = Rotation.from_rotvec([0.05, -0.06, 0.04]).as_matrix() @ true.rotation
    start = Similarity(1.1 * true.scale, turn, true.translation + (0.8, -0.8, 0.8))
    found = register(cloud, surface, start, IcpSettings(points=2000))
    assert found.transform.scale == pytest.approx(true.scale, rel=0.01)
    gap = np.linalg.norm(found.transform.translation - true.translation)
    assert gap < 0.05 * RADIUS
    angle = Rotation.from_matrix(found.transform.rotation @ true.rotation.T).magnitude()
    assert np.degrees(angle) < 1
    assert found.residuals.mean() < 0.01 * RADIUS and not found.doubts
