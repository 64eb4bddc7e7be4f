"""What the toy tubes give for residuals: the wall, and where clouds lie on it."""

import numpy as np
import pytest

from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.evaluation.initial_poses import read_initial_poses
from ssltoolbox.evaluation.surface import read_surface
from ssltoolbox.geometry.point_cloud import point_cloud
from ssltoolbox.testing.toy_tubes.tube import Tube
from ssltoolbox.testing.toy_tubes.wall_mesh import wall_mesh


@pytest.fixture(scope='module')
def sequence(tubes):
    return SfmSequence.read(next(tubes.glob('bag_2/_start_*')))


def cloud(sequence, view):
    """Every third pixel of the true depth, (N, 3)."""
    depth = np.load(sequence.folder / 'truth' / f'{sequence.frames[view]:08d}.npy')
    image = np.zeros((*depth.shape, 3), np.uint8)
    found = point_cloud(depth, image, sequence.mask == 255, sequence.intrinsics, 3)
    return found.points.astype(float)


def test_true_depth_lies_on_the_wall(sequence):
    truth = sequence.folder / 'truth'
    wall = read_surface(truth / 'wall.ply')
    poses = read_initial_poses(truth / 'poses.txt', None)
    assert sorted(poses.poses) == list(sequence.frames)
    for view in (0, 5):
        points = cloud(sequence, view)
        right, wrong = (
            wall.nearest(poses.of(f'{frame:08d}.ply', points)(points))[1]
            for frame in (sequence.frames[view], sequence.frames[2])
        )
        far = np.median(points[:, 2])
        assert np.percentile(right, 95) < 0.01 * far
        assert right.max() < 0.1 * far
        assert np.median(wrong) > 20 * np.median(right)


def test_the_mesh_lies_on_the_wall_and_has_two_ends():
    tube = Tube.sample(np.random.default_rng(0))
    mesh = wall_mesh(tube, 2, 4)
    assert np.abs(tube.room(mesh.points)).max() < 1e-9
    assert mesh.points[:, 2].min() == 2 and mesh.points[:, 2].max() == 4
    edges = np.sort(mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, count = np.unique(edges, axis=0, return_counts=True)
    # every edge has two triangles, but those of the 120 around each end
    assert (count == 1).sum() == 240 and count.max() == 2
    middles = mesh.points[mesh.triangles].mean(1)
    assert np.percentile(np.abs(tube.room(middles)), 95) < 0.01
