import cv2
import numpy as np
import pytest
import torch

from ssltoolbox.geometry.view import View, crop_matrix, project_points
from ssltoolbox.geometry.warp import cell_matrix, project_maps, warp


def view_of(*matrices, size=(64, 64)):
    return View(torch.from_numpy(np.stack(matrices)), size)


def gaussian(points, size, sigma=2.0):
    """(B, K, h, w) maps with a peak of 1 at (B, K, 2) cells."""
    h, w = size
    ys, xs = torch.meshgrid(torch.arange(h), torch.arange(w), indexing='ij')
    x, y = points[..., 0, None, None], points[..., 1, None, None]
    return torch.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * sigma**2)).float()


def peak(maps):
    index = maps.flatten(-2).argmax(-1)
    return torch.stack([index % maps.shape[-1], index // maps.shape[-1]], -1)


def shift(x, y):
    return torch.tensor([[[1, 0, x], [0, 1, y], [0, 0, 1]]], dtype=torch.double)


def test_a_shift_by_one_pixel_moves_pixels_and_fills_with_zeros():
    maps = torch.arange(1.0, 7).view(1, 1, 2, 3)
    assert warp(maps, shift(1, 0), (3, 2))[0, 0].tolist() == [[0, 1, 2], [0, 4, 5]]


def test_half_a_pixel_averages_neighbours():
    maps = torch.tensor([[[[0.0, 2, 4]]]])
    assert warp(maps, shift(-0.5, 0), (2, 1))[0, 0].tolist() == [[1, 3]]


@pytest.mark.parametrize('mode', ['bilinear', 'nearest'])
def test_warp_equals_opencv(mode):
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (48, 60)).astype(np.float32)
    matrix = crop_matrix((33, 21), (50, 50), 25, (40, 36), mirror_width=60)
    flag = dict(bilinear=cv2.INTER_LINEAR, nearest=cv2.INTER_NEAREST)[mode]
    theirs = cv2.warpAffine(image, matrix[:2], (40, 36), flags=flag)
    ours = warp(
        torch.from_numpy(image)[None, None],
        torch.from_numpy(matrix)[None],
        (40, 36),
        mode,
    )[0, 0].numpy()
    differing = np.abs(ours - theirs) > 1e-2
    # a border pixel, or one half way between two pixels, may fall to either side
    assert differing[2:-2, 2:-2].mean() < (0.02 if mode == 'nearest' else 0.005)


def test_project_maps_equals_opencv_with_the_matrix_between_the_views():
    rng = np.random.default_rng(1)
    first = crop_matrix((60, 50), (90, 90), 10, (64, 64))
    second = crop_matrix((55, 52), (80, 80), -20, (64, 64), mirror_width=128)
    maps = rng.uniform(0, 1, (3, 64, 64)).astype(np.float32)
    ours, valid = project_maps(
        torch.from_numpy(maps)[None], view_of(first), view_of(second)
    )
    matrix = (second @ np.linalg.inv(first))[:2]
    theirs = [cv2.warpAffine(each, matrix, (64, 64)) for each in maps]
    inside = cv2.erode(valid[0, 0].numpy().astype(np.uint8), np.ones((5, 5))) > 0
    assert inside.mean() > 0.3
    assert np.abs(ours[0].numpy() - np.stack(theirs))[:, inside].max() < 1e-2


def centroid(maps):
    """(B, K, 2) centre of mass, finer than the grid."""
    ys, xs = torch.meshgrid(*map(torch.arange, maps.shape[-2:]), indexing='ij')
    total = maps.sum((-2, -1))
    return torch.stack([(maps * axis).sum((-2, -1)) / total for axis in (xs, ys)], -1)


def test_a_warped_gaussian_peaks_at_the_projected_point_within_half_a_cell():
    rng = np.random.default_rng(2)
    flip, tested = torch.tensor([1, 0, 2, 4, 3, 5]), 0
    for _ in range(40):
        first, second = (
            view_of(
                crop_matrix(
                    tuple(rng.uniform(60, 68, 2)),
                    (side := rng.uniform(80, 120), side),
                    rng.uniform(-180, 180),
                    (128, 128),
                    128 if rng.random() < 0.5 else None,
                ),
                size=(128, 128),
            )
            for _ in range(2)
        )
        cells = torch.from_numpy(rng.uniform(8, 24, (1, 6, 2)))
        moved, _ = project_maps(gaussian(cells, (32, 32), 1.5), first, second, flip)
        points = project_points(cells * 4.0, first, second, flip) / 4
        inside = ((points > 7) & (points < 25)).all(-1)
        assert ((centroid(moved) - points).abs()[inside] < 0.1).all()
        # interpolation may favour the neighbour of a point half way between cells
        assert ((peak(moved) - points).abs()[inside] < 0.75).all()
        tested += int(inside.sum())
    assert tested > 150


def test_whole_cell_moves_are_exact():
    # the second crop lies 8 px right of the first: two cells of stride 4
    first = view_of(crop_matrix((32, 32), (64, 64), 0, (64, 64)))
    second = view_of(crop_matrix((40, 32), (64, 64), 0, (64, 64)))
    maps = torch.rand(1, 2, 16, 16)
    moved, valid = project_maps(maps, first, second)
    assert torch.allclose(moved[..., :14], maps[..., 2:], atol=1e-5)
    assert valid[0, 0, :, :14].all() and not valid[0, 0, :, 14:].any()
    assert moved[..., 14:].abs().max() < 1e-5


GRIDS = {
    'stride': [0, 4, 60],  # 64 / 16 = 4 px per cell
    'corners': [0, 4.2, 63],  # 63 / 15 px, the last cell on the last pixel
    'areas': [1.5, 5.5, 61.5],  # the middle of pixels 0..3
}


@pytest.mark.parametrize('grid', GRIDS)
def test_cells_stand_for_the_pixels_of_their_grid(grid):
    matrix = cell_matrix((64, 128), (16, 16), grid)
    x, y = matrix[:2, :2] @ torch.tensor([[0.0, 1, 15]] * 2).double() + matrix[:2, 2:]
    assert x.tolist() == pytest.approx(GRIDS[grid])
    assert y[0] == pytest.approx(3.5 if grid == 'areas' else 0)
    assert y[2] == pytest.approx({'stride': 120, 'corners': 127, 'areas': 123.5}[grid])


@pytest.mark.parametrize('grid', GRIDS)
def test_maps_as_large_as_their_view_have_one_cell_per_pixel(grid):
    assert torch.equal(cell_matrix((9, 1), (9, 1), grid), torch.eye(3).double())


def test_another_grid_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="'stride', 'corners' or 'areas', got 'udp'"):
        cell_matrix((64, 64), (16, 16), 'udp')


@pytest.mark.parametrize('grid', GRIDS)
def test_a_turned_gaussian_peaks_where_its_grid_says(grid):
    first = view_of(crop_matrix((64, 64), (128, 128), 0, (128, 128)), size=(128, 128))
    turned = crop_matrix((64, 60), (110, 110), 50, (64, 64))
    second = view_of(turned)
    cells = torch.tensor([[[12.0, 14], [20, 9], [15, 21]]]).double()
    moved, valid = project_maps(
        gaussian(cells, (32, 32), 1.5), first, second, grid=grid
    )
    assert moved.shape[2:] == valid.shape[2:] == (16, 16)
    before, after = (
        cell_matrix(view.size, size, grid)
        for view, size in ((first, (32, 32)), (second, (16, 16)))
    )
    pixels = project_points(cells @ before[:2, :2].T + before[:2, 2], first, second)
    expected = (pixels - after[:2, 2]) @ torch.linalg.inv(after[:2, :2]).T
    assert (centroid(moved) - expected).abs().max() < 0.05
    if grid != 'stride':
        other, _ = project_maps(gaussian(cells, (32, 32), 1.5), first, second)
        assert (centroid(other) - expected).abs().max() > 0.1


def test_mirrored_views_exchange_channels():
    first = view_of(crop_matrix((32, 32), (64, 64), 0, (64, 64)))
    second = view_of(crop_matrix((31, 32), (64, 64), 0, (64, 64), 64))
    maps = torch.zeros(1, 2, 64, 64)
    maps[0, 0, 10, 20] = 1
    moved, _ = project_maps(maps, first, second, torch.tensor([1, 0]))
    assert moved[0, 0].abs().max() < 1e-5
    expected = project_points(torch.tensor([[[20.0, 10]]]), first, second)
    assert torch.allclose(peak(moved)[:, 1:].double(), expected)


def test_label_maps_of_whole_numbers_keep_their_type_and_their_labels():
    labels = torch.tensor([[[[3, 255], [7, 0]]]])
    moved = warp(labels, shift(1, 0), (2, 2), mode='nearest')
    assert moved.dtype == labels.dtype and moved[0, 0].tolist() == [[0, 3], [0, 7]]
    mask = warp(labels > 5, shift(0, 0), (2, 2), mode='nearest')
    assert mask.dtype == torch.bool and mask[0, 0].tolist() == [
        [False, True],
        [True, False],
    ]


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_maps_are_not_displaced(dtype):
    # bfloat16 knows 8 bits: coordinates of a map of 256 cells would be off by one
    cells = torch.tensor([[[201, 77]]])
    maps = gaussian(cells, (256, 256), sigma=4.0)
    exact = warp(maps, shift(3, -5), (256, 256))
    half = warp(maps.to(dtype), shift(3, -5), (256, 256))
    assert half.dtype == dtype
    assert (half.float() - exact).abs().max() < 0.01
