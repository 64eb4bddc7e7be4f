import math

import numpy as np
import pytest
import torch

from ssltoolbox.geometry.view import (
    View,
    crop_matrix,
    invert_affine,
    project_points,
    transform_points,
)


def random_view(rng, batch=4, size=(64, 48)):
    """Views of random flips, rotations, scales and crops."""
    matrices = [
        crop_matrix(
            center=tuple(rng.uniform(-50, 300, 2)),
            box=tuple(rng.uniform(5, 400, 2)),
            rotation=rng.uniform(-180, 180),
            size=size,
            mirror_width=int(rng.integers(20, 300)) if rng.random() < 0.5 else None,
        )
        for _ in range(batch)
    ]
    return View(torch.from_numpy(np.stack(matrices)), size)


def points_of(*points):
    return torch.tensor([points], dtype=torch.double)


def one(matrix, size=(64, 64)):
    return View(torch.from_numpy(matrix)[None], size)


def test_the_centre_of_the_box_is_the_centre_of_the_crop():
    view = one(crop_matrix((100, 50), (128, 128), 0, (64, 64)))
    moved = view.apply(points_of((100, 50), (36, 50), (164, 114)))
    assert moved[0].tolist() == [[32, 32], [0, 32], [64, 64]]


def test_only_the_width_of_the_box_sets_the_scale():
    low, high = (crop_matrix((0, 0), (10, h), 0, (20, 20)) for h in (10, 1000))
    assert np.array_equal(low, high) and low[0, 0] == low[1, 1] == 2


@pytest.mark.parametrize('x, mirrored', [(0, 9), (9, 0), (4.5, 4.5), (3, 6)])
def test_mirroring_keeps_pixel_centres(x, mirrored):
    # an image of ten pixels: the first becomes the last, none becomes the eleventh
    plain = crop_matrix((5, 5), (10, 10), 0, (10, 10))
    mirror = crop_matrix((5, 5), (10, 10), 0, (10, 10), mirror_width=10)
    there = one(mirror, (10, 10)).apply(points_of((x, 2)))
    back = transform_points(one(plain, (10, 10)).inverse(), there)
    # the crop is centred on the mirrored centre, so compare in image pixels
    in_mirrored_image = back[0, 0, 0] - (5 - (10 - 1 - 5))
    assert in_mirrored_image == pytest.approx(mirrored)


def test_a_view_knows_that_it_is_mirrored():
    rng = np.random.default_rng(0)
    view = random_view(rng, batch=50)
    determinant = torch.linalg.det(view.matrix[:, :2, :2])
    assert torch.equal(view.mirrored, determinant < 0)
    assert 0 < view.mirrored.sum() < 50


@pytest.mark.parametrize('rotation', [0, 30, -77, 180])
def test_crop_equals_mmposes_warp_matrix(rotation):
    from mmpose.structures.bbox import get_warp_matrix

    center, side = np.array([70.0, 41.0]), np.array([90.0, 90.0])
    ours = crop_matrix(tuple(center), tuple(side), rotation, (64, 64))
    theirs = get_warp_matrix(center, side, rotation, output_size=(64, 64))
    assert np.allclose(ours[:2], theirs, atol=1e-4)


def test_there_and_back_is_the_identity_within_a_ten_thousandth_pixel():
    rng = np.random.default_rng(1)
    for _ in range(25):
        first, second = random_view(rng), random_view(rng, size=(96, 96))
        points = torch.from_numpy(rng.uniform(-20, 120, (4, 17, 2)))
        partner = torch.arange(17)
        partner[[0, 1, 5, 6]] = torch.tensor([1, 0, 6, 5])
        there = project_points(points, first, second, partner)
        back = project_points(there, second, first, partner)
        assert (back - points).abs().max() < 1e-4


def test_a_round_trip_in_float32_stays_within_the_bound():
    rng = np.random.default_rng(2)
    first, second = random_view(rng, 64), random_view(rng, 64)
    points = torch.from_numpy(rng.uniform(0, 64, (64, 17, 2))).float()
    there = project_points(points, first, second)
    assert (project_points(there, second, first) - points).abs().max() < 1e-4


def test_projecting_equals_going_through_the_image():
    rng = np.random.default_rng(3)
    first, second = random_view(rng), random_view(rng)
    image = torch.from_numpy(rng.uniform(0, 200, (4, 5, 2)))
    moved = project_points(first.apply(image), first, second)
    assert torch.allclose(moved, second.apply(image), atol=1e-6)


@pytest.mark.parametrize(
    'widths, swapped',
    [((None, None), 0), ((100, 100), 0), ((None, 100), 1), ((100, None), 1)],
)
def test_left_and_right_change_where_exactly_one_view_is_mirrored(widths, swapped):
    views = [one(crop_matrix((50, 50), (64, 64), 0, (64, 64), w)) for w in widths]
    left, right = (30.0, 40.0), (60.0, 40.0)
    image = points_of(left, right)
    in_first = views[0].apply(image)
    moved = project_points(in_first, *views, torch.tensor([1, 0]))
    expected = views[1].apply(points_of(right, left) if swapped else image)
    assert torch.allclose(moved, expected)


def test_the_inverse_equals_that_of_a_linear_algebra_library():
    view = random_view(np.random.default_rng(4), 20)
    assert torch.allclose(invert_affine(view.matrix), torch.linalg.inv(view.matrix))


def test_rotation_by_ninety_degrees_turns_right_into_up():
    view = one(crop_matrix((0, 0), (10, 10), 90, (10, 10)), (10, 10))
    x, y = view.apply(points_of((1, 0)))[0, 0].tolist()
    assert (x, y) == (pytest.approx(5), pytest.approx(4))
    assert math.isclose(torch.linalg.det(view.matrix)[0], 1)


def test_views_of_different_batches_are_refused():
    rng = np.random.default_rng(5)
    with pytest.raises(ValueError, match='views of 3 and 4 images'):
        random_view(rng, 3).to(random_view(rng, 4))


def test_a_single_matrix_is_refused():
    with pytest.raises(ValueError, match=r'\(B, 3, 3\), got \(3, 3\)'):
        View(torch.eye(3), (4, 4))
