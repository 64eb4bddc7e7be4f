"""What is drawn is found again: any number of instances, crossing, incomplete."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from ssltoolbox.codecs.joint_connection_maps import JointConnectionMaps
from ssltoolbox.registry import KEYPOINT_CODECS, TRANSFORMS

from mmpose.registry import KEYPOINT_CODECS as UPSTREAM  # isort: skip

SIZE = (160, 128)
TREE = [(0, 2), (1, 2), (2, 3), (3, 4)]
FIRST = [[40, 30], [52, 30], [46, 42], [56, 60], [76, 100]]
SECOND = [[130, 20], [120, 18], [122, 32], [112, 50], [96, 84]]
THIRD = [[20, 100], [18, 112], [30, 108], [34, 86], [10, 40]]
CROSSING = [[94, 40], [82, 36], [86, 50], [74, 68], [44, 104]]


def codec(**options):
    config = dict(
        input_size=SIZE, heatmap_size=SIZE, sigma=4.0, num_joints=5, connections=TREE
    )
    return JointConnectionMaps(**(config | options))


def instances(*rows):
    return np.array(rows, np.float32).reshape(-1, 5, 2)


def sort(points, scores=None):
    """Instances in the order of their last joint, whose places differ here."""
    order = np.argsort(points[:, 4, 0])
    return points[order] if scores is None else (points[order], scores[order])


@pytest.mark.parametrize(
    'rows',
    [
        [FIRST],
        [FIRST, SECOND],
        [SECOND, FIRST, THIRD],
        [FIRST, CROSSING],
        [THIRD, CROSSING, FIRST, SECOND],
    ],
    ids=['one', 'two', 'three', 'crossing', 'four'],
)
def test_instances_are_found_again(rows):
    truth = instances(*rows)
    maps = codec().encode(truth, np.ones(truth.shape[:2]))['heatmaps']
    assert maps.shape == (9, 128, 160) and maps.dtype == np.float32
    points, scores = codec().decode(maps)
    assert points.dtype == scores.dtype == np.float32
    # to a pixel: neighbours add up, and move each other's peaks
    assert np.abs(sort(points) - sort(truth)).max() <= 1
    assert (scores > 0.5).all()


@pytest.mark.parametrize('joint', range(5))
@pytest.mark.parametrize('others', [[], [SECOND], [SECOND, THIRD]])
def test_a_missing_joint_shifts_no_other(joint, others):
    truth = instances(FIRST, *others)
    visible = np.ones(truth.shape[:2], np.float32)
    visible[0, joint] = 0
    points, scores = codec().decode(codec().encode(truth, visible)['heatmaps'])
    assert len(points) == len(truth)
    (row,) = np.flatnonzero((scores == 0).any(1))
    assert (scores[row] == 0).tolist() == [k == joint for k in range(5)]
    kept = scores[row] > 0
    assert np.abs(points[row] - truth[0])[kept].max() <= 1
    assert points[row, joint].tolist() == [0, 0]


def test_a_batch_is_decoded_as_its_images():
    maps = [codec().encode(instances(*rows))['heatmaps'] for rows in
            ([FIRST, SECOND], [THIRD], [FIRST, CROSSING])]  # fmt: skip
    maps.append(np.zeros_like(maps[0]))
    batch = torch.from_numpy(np.stack(maps))
    together = codec().decode_batch(batch)
    assert [len(points) for points, _ in together] == [2, 1, 2, 0]
    for pair, single in zip(together, maps, strict=True):
        for ours, alone in zip(pair, codec().decode(single), strict=True):
            np.testing.assert_array_equal(ours, alone)
    points, scores = codec().batch_decode(batch)
    assert np.array_equal(points[1], together[1][0])
    assert np.array_equal(scores[1], together[1][1])


@pytest.mark.parametrize('value', [0.0, -1.0, 0.05])
def test_maps_without_peaks_have_no_instance(value):
    points, scores = codec().decode(np.full((9, 128, 160), value, np.float32))
    assert points.shape == (0, 5, 2) and scores.shape == (0, 5)


def test_noise_and_half_precision_are_survived():
    truth = instances(FIRST, SECOND)
    maps = torch.from_numpy(codec().encode(truth)['heatmaps'])
    torch.manual_seed(0)
    noisy = (maps * 0.7 + 0.05 * torch.randn_like(maps)).to(torch.bfloat16)
    points, _ = codec().decode(noisy)
    assert np.abs(sort(points) - sort(truth)).max() <= 2


def test_rendering_a_batch_is_encoding_its_images():
    truth = instances(FIRST, SECOND)
    visible = np.ones((2, 5), np.float32)
    visible[1, 2] = 0
    points = torch.from_numpy(np.stack([truth, truth[::-1].copy()]))
    shown = torch.from_numpy(np.stack([visible, visible[::-1].copy()]))
    maps = codec().render(points, shown)
    expected = codec().encode(truth, visible)['heatmaps']
    for drawn in maps.numpy():
        np.testing.assert_allclose(drawn, expected, atol=1e-6)
    # connections of the hidden head are those of the first instance alone
    alone = codec().encode(truth[:1])['heatmaps']
    np.testing.assert_allclose(expected[5:8], alone[5:8], atol=1e-6)


def test_no_instances_are_empty_maps():
    maps = codec().encode(np.zeros((0, 5, 2)), np.zeros((0, 5)))['heatmaps']
    assert maps.shape == (9, 128, 160) and not maps.any()


def test_another_number_of_joints_is_refused():
    with pytest.raises(ValueError, match=r'\(1, 4, 2\), but .* num_joints=5'):
        codec().encode(np.zeros((1, 4, 2)))


def test_smaller_maps_stand_for_the_middle_of_the_pixels_under_a_cell():
    small = codec(heatmap_size=(80, 64), refine=True)
    truth = instances(FIRST, SECOND)
    maps = small.encode(truth)['heatmaps']
    assert maps.shape == (9, 64, 80)
    # cell 20 covers pixels 40 and 41, so its middle is 40.5
    assert maps[0, 15, 20] == pytest.approx(np.exp(-0.5 / 16), abs=1e-4)
    points, _ = small.decode(maps)
    assert np.abs(sort(points) - sort(truth)).max() < 0.3


def test_refinement_finds_places_between_pixels():
    truth = instances(FIRST) + np.float32(0.4)
    plain, _ = codec().decode(codec().encode(truth)['heatmaps'])
    fine, _ = codec().decode(codec(refine=True).encode(truth)['heatmaps'])
    assert np.abs(plain - truth).max() == pytest.approx(0.4, abs=1e-5)
    fine, _ = codec(refine=True).decode(codec().encode(truth)['heatmaps'])
    assert np.abs(fine - truth).max() < 0.01


def test_without_connections_the_maxima_are_one_instance():
    points = np.array([[[30, 20], [50, 60], [70, 61], [90, 30]]], np.float32)
    rmit = codec(num_joints=4, connections=[], blur_size=5)
    maps = rmit.encode(points)['heatmaps']
    maps[1] *= 0.02  # however low
    maps[2] = -0.1
    found, scores = rmit.decode(maps)
    assert found[0, [0, 1, 3]].tolist() == points[0, [0, 1, 3]].tolist()
    assert 0 < scores[0, 1] < 0.02 and scores[0, 2] == 0
    assert found[0, 2].tolist() == [0, 0]
    assert len(rmit.decode(np.zeros_like(maps))[0]) == 0


def test_published_sizes_follow_from_sigma():
    endovis = codec(input_size=(320, 256), heatmap_size=(320, 256), sigma=20 / 2.25)
    assert (endovis.blur_size, endovis.peak_window) == (21, 20)


@pytest.mark.parametrize('registry', [KEYPOINT_CODECS, UPSTREAM])
def test_it_is_built_from_configs_of_mmpose(registry):
    config = dict(
        type='ssltoolbox.JointConnectionMaps',
        input_size=SIZE,
        heatmap_size=SIZE,
        sigma=4.0,
        num_joints=5,
        connections=TREE,
    )
    with DefaultScope.overwrite_default_scope('mmpose'):
        assert isinstance(registry.build(config), JointConnectionMaps)
        encode = TRANSFORMS.build(dict(type='mmpose.GenerateTarget', encoder=config))
        assert type(UPSTREAM.build(dict(type='MSRAHeatmap', input_size=SIZE,
            heatmap_size=SIZE, sigma=2))).__name__ == 'MSRAHeatmap'  # fmt: skip
    truth = instances(FIRST)
    results = dict(transformed_keypoints=truth, keypoints_visible=np.ones((1, 5)))
    maps = encode(results)['heatmaps']
    np.testing.assert_array_equal(maps, codec().encode(truth)['heatmaps'])


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(sigma=0), 'positive sigma'),
        (dict(connections=[(0, 5)]), r'\(0, 5\) is none between .* num_joints=5'),
        (dict(connections=[(2, 2)]), r'\(2, 2\) is none'),
        (dict(blur_size=4), 'blur_size must be odd, got 4'),
        (dict(min_link=0), 'must be positive'),
        (dict(min_peak=[0.1, 0.1, 0, 0.1, 0.1]), 'must be positive'),
        (dict(min_peak=[0.1, 0.2]), 'min_peak .* 5 joints'),
    ],
)
def test_wrong_fields_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        codec(**wrong)
