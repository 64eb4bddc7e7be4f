"""The toy tubes: exact in every relation that depth networks are trained by."""

import json

import cv2
import numpy as np
import pytest
import torch

from ssltoolbox.datasets.depth.reprojection import (
    project_all,
    read_observations,
    reprojection_errors,
)
from ssltoolbox.datasets.depth.sfm_dataset import SfmDataset
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.geometry.camera import Motion, flow_from_depth
from ssltoolbox.geometry.depth_warp import warp_depth
from ssltoolbox.losses.depth_agreement import NormalisedDistanceLoss
from ssltoolbox.testing.toy_tubes.__main__ import main
from ssltoolbox.testing.toy_tubes.camera import fly_through
from ssltoolbox.testing.toy_tubes.generate import generate
from ssltoolbox.testing.toy_tubes.sequence import sample_scene
from ssltoolbox.testing.toy_tubes.tube import Tube

TINY = dict(patients=1, frames=2, width=96, points=60, progress=False)


@pytest.fixture(scope='module')
def sequence(tubes):
    return SfmSequence.read(next(tubes.glob('bag_2/_start_*')))


@pytest.fixture(scope='module')
def depths(sequence):
    """(V, H, W) float32."""
    files = [sequence.folder / 'truth' / f'{f:08d}.npy' for f in sequence.frames]
    return np.stack([np.load(path, allow_pickle=False) for path in files])


@pytest.fixture(scope='module')
def pair(sequence, depths):
    """Depth of views 1 and 3 (1, 1, H, W), motion, intrinsics, mask."""
    extrinsics = torch.from_numpy(np.linalg.inv(sequence.poses))
    motion = Motion.between(extrinsics[1:2], extrinsics[3:4])
    first, second = (torch.from_numpy(depths[i])[None, None].double() for i in (1, 3))
    matrix = torch.from_numpy(sequence.intrinsics)[None]
    valid = torch.from_numpy(sequence.mask == 255)[None, None].double()
    return first, second, motion, matrix, valid


def test_points_lie_where_they_were_found(sequence):
    found = read_observations(sequence.folder, sequence.frames, len(sequence.points))
    errors = reprojection_errors(
        sequence.points, sequence.poses, sequence.intrinsics, found
    )
    np.testing.assert_array_equal(np.isnan(errors), ~sequence.seen)
    assert errors[sequence.seen].max() < 1e-3


def test_points_have_the_depth_of_the_frames_that_show_them(sequence, depths):
    pixels, own = project_all(sequence.points, sequence.poses, sequence.intrinsics)
    ratios = []
    for view, depth in enumerate(depths):
        which = sequence.seen[:, view]
        x, y = pixels[which, view].astype(np.float32).T
        there = cv2.remap(depth, x[:, None], y[:, None], cv2.INTER_LINEAR)[:, 0]
        ratios.append(own[which, view] / there)
    ratios = np.concatenate(ratios)
    # between pixels depth is interpolated, and jumps at folds
    assert abs(np.median(ratios) - 1) < 1e-3
    assert (abs(ratios - 1) < 0.02).mean() > 0.9


def test_the_flow_of_true_depth_is_that_of_opencv(sequence, pair):
    first, _, motion, matrix, _ = pair
    flow, seen = flow_from_depth(first, motion, matrix)
    height, width = first.shape[-2:]
    rows, columns = np.indices((height, width)).reshape(2, -1)
    pixels = np.stack([columns, rows], 1).astype(float)
    rays = cv2.undistortPoints(pixels[:, None], sequence.intrinsics, None)[:, 0]
    points = np.concatenate([rays, np.ones((len(rays), 1))], 1)
    points *= first.flatten().numpy()[:, None]
    turn = cv2.Rodrigues(motion.rotation[0].numpy())[0]
    there = cv2.projectPoints(
        points, turn, motion.translation[0].numpy(), sequence.intrinsics, None
    )[0][:, 0]
    wanted = (there - pixels).T.reshape(2, height, width)
    found = flow[0].numpy() * np.array([width, height])[:, None, None]
    which = seen[0, 0].numpy()
    assert which.mean() > 0.8
    np.testing.assert_allclose(found[:, which], wanted[:, which], atol=1e-6)


def test_the_flow_of_true_depth_is_that_of_the_points(sequence, pair):
    first, _, motion, matrix, _ = pair
    flow, _ = flow_from_depth(first, motion, matrix)
    height, width = first.shape[-2:]
    pixels, _ = project_all(sequence.points, sequence.poses, sequence.intrinsics)
    both = sequence.seen[:, 1] & sequence.seen[:, 3]
    assert both.sum() > 20
    moved = pixels[both, 3] - pixels[both, 1]
    x, y = pixels[both, 1].astype(np.float32).T
    maps = flow[0].numpy() * np.array([width, height])[:, None, None]
    found = [
        cv2.remap(m.astype(np.float32), x[:, None], y[:, None], cv2.INTER_LINEAR)[:, 0]
        for m in maps
    ]
    errors = np.linalg.norm(np.stack(found, 1) - moved, axis=1)
    assert np.median(errors) < 0.02
    assert (errors < 0.3).mean() > 0.9


@pytest.fixture(scope='module')
def visible(sequence, depths):
    """Which pixels of view 1 view 3 shows, too: (1, 1, H, W), by rays of its camera.

    Nothing of the depth maps of view 3 and of the warp is used.
    """
    height, width = depths.shape[1:]
    rng = np.random.default_rng([0, 2])
    scene = sample_scene(rng, width)
    poses = fly_through(rng, scene.tube, len(depths), rng.uniform(0.07, 0.11))
    unit = rng.uniform(0.5, 2)
    np.testing.assert_allclose(unit * poses[:, :3, 3], sequence.poses[:, :3, 3])
    rays = scene.lens.rays(scene.lens.pixels()) @ poses[1, :3, :3].T
    points = poses[1, :3, 3] + (depths[1].reshape(-1, 1) / unit) * rays
    there = (points - poses[3, :3, 3]) @ poses[3, :3, :3]
    front = there[:, 2] > 1e-3
    ahead = there[front] / there[front, 2:] @ poses[3, :3, :3].T
    wall = scene.tube.cast(poses[3, :3, 3], ahead)
    shown = np.zeros(len(points), bool)
    shown[front] = there[front, 2] < wall * (1 + 1e-4)
    return torch.from_numpy(shown.reshape(1, 1, height, width))


def test_true_depth_warps_onto_itself_where_both_views_show_the_wall(pair, visible):
    first, second, motion, matrix, valid = pair
    warped, overlap = warp_depth(first, second, motion, matrix, valid)
    assert overlap.sum() > 0.5 * valid.sum()
    gaps = (warped / first - 1).abs()[(overlap > 0) & visible]
    assert gaps.median() < 1e-3
    # depth jumps at folds, and is interpolated there
    assert (gaps < 0.02).double().mean() > 0.95


def test_consistency_tells_true_depth_from_others(pair, visible):
    first, second, motion, matrix, valid = pair

    def disagreement(ours, theirs):
        warped, overlap = warp_depth(ours, theirs, motion, matrix, valid)
        return NormalisedDistanceLoss()(ours, warped, overlap * visible, matrix).item()

    true = disagreement(first, second)
    assert true < 0.01
    assert disagreement(first, 1.2 * second) > 20 * true
    assert disagreement(1.1 * first, second) > 10 * true
    # tilted alike in both views, depths still nearly agree
    ramp = torch.linspace(0.8, 1.2, first.shape[-1]).double()
    assert disagreement(first * ramp, second * ramp) > 2 * true


def test_frames_are_bright_where_the_wall_is_near(sequence, depths):
    image = cv2.imread(str(sequence.images[0]), cv2.IMREAD_GRAYSCALE)
    inside = cv2.erode(sequence.mask, np.ones((5, 5))) == 255
    near = depths[0] < np.median(depths[0][inside])
    assert image[inside & near].mean() > 2 * image[inside & ~near].mean()
    assert image[sequence.mask == 0].max() < 40


def test_rays_end_at_the_first_wall():
    rng = np.random.default_rng(0)
    scene = sample_scene(rng, 96)
    tube, origin = scene.tube, scene.tube.centre(3.0)
    rays = scene.lens.rays(scene.lens.pixels()[::37])
    along = tube.cast(origin, rays)
    ends = origin + along[:, None] * rays
    assert np.abs(tube.room(ends)).max() < 1e-7
    shares = np.linspace(0, 0.995, 60)[:, None, None]
    way = origin + shares * along[:, None] * rays
    rooms = tube.room(way.reshape(-1, 3)).reshape(60, -1)
    # a ray may graze a fold by less than its step
    assert (rooms > -1e-3).all()
    normals = tube.normal(ends)
    assert ((normals * rays).sum(1) < 0).mean() > 0.95
    with pytest.raises(ValueError, match='not inside'):
        tube.cast(origin + 5, rays)


def test_tubes_are_wide_enough_for_the_camera():
    for seed in range(20):
        tube = Tube.sample(np.random.default_rng(seed))
        assert tube.room(tube.centre(np.linspace(0, 20, 200))).min() > 0.35


def test_noise_and_outliers_come_on_demand(tmp_path):
    options = TINY | dict(frames=4, points=200)
    root = generate(tmp_path / 'set', noise=0.5, outliers=0.2, **options)
    folder = next(root.glob('bag_1/_start_*'))
    sequence = SfmSequence.read(folder)
    wrong = np.array((folder / 'truth' / 'outliers').read_text().split(), int)
    assert 0.1 < len(wrong) / len(sequence.points) < 0.3
    found = read_observations(folder, sequence.frames, len(sequence.points))
    errors = reprojection_errors(
        sequence.points, sequence.poses, sequence.intrinsics, found
    )
    right = np.delete(errors, wrong, 0)
    assert 0.2 < np.nanmedian(right) < 0.7
    assert np.nanmedian(errors[wrong]) > 2 * np.nanmedian(right)


def test_the_data_set_gives_truth_in_the_unit_of_its_depths(tubes):
    data = SfmDataset(
        data_root=str(tubes),
        settings=dict(downsampling=2, multiple=32, half_pixel=True),
        adjacent=(1, 3),
        cache=None,
        pipeline=[dict(type='ssltoolbox.LoadSfmFrame')],
    )
    for sample in (data[0], data[8]):
        depth, weight = sample['sparse'][:2]
        drawn = weight > 0
        ratio = sample['truth'][0][drawn] / depth[drawn]
        assert len(ratio) > 20
        assert abs(np.median(ratio) - 1) < 0.02
        assert sample['truth'].shape == sample['valid'].shape == (1, 64, 64)


def test_equal_seeds_give_equal_bytes_and_a_set_is_reused(tmp_path):
    first = generate(tmp_path / 'a', **TINY)
    again = generate(tmp_path / 'b', **TINY)
    names = sorted(p.relative_to(first) for p in first.rglob('*') if p.is_file())
    assert len([n for n in names if n.suffix == '.jpg']) == 2
    for name in names:
        assert (first / name).read_bytes() == (again / name).read_bytes(), name
    assert generate(tmp_path / 'a', **TINY) == first
    assert json.loads((first / 'toy_tubes.json').read_text())['num_images'] == 2
    with pytest.raises(FileExistsError, match='other parameters'):
        generate(tmp_path / 'a', **TINY, seed=1)
    other = generate(tmp_path / 'c', **TINY, seed=1)
    name = next(n for n in names if n.suffix == '.jpg')
    assert name.parts[0] == 'bag_1'
    assert (other / name).read_bytes() != (first / name).read_bytes()


@pytest.mark.parametrize(
    ('options', 'match'),
    [
        (dict(patients=0), 'patients: expected 1 to 999'),
        (dict(frames=1), 'frames: expected 2'),
        (dict(width=98), 'multiple of 4'),
        (dict(outliers=1.0), 'outliers: expected 0 to 0.9'),
        (dict(seed=-1), 'seed'),
    ],
)
def test_parameters_out_of_range_are_refused(tmp_path, options, match):
    with pytest.raises(ValueError, match=match):
        generate(tmp_path / 'set', **TINY | options)
    assert not (tmp_path / 'set').exists()


def test_the_command_line_says_where_the_set_is(tmp_path, capsys):
    out = tmp_path / 'set'
    args = '--patients 1 --frames 2 --width 96 --points 60 --quiet'.split()
    main(['--out', str(out), *args])
    assert str(out) in capsys.readouterr().out
    assert len(list(out.glob('bag_1/_start_*/0*.jpg'))) == 2
