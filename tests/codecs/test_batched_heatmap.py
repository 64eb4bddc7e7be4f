import numpy as np
import pytest
import torch

import ssltoolbox.registry  # noqa: F401  prepares the import of mmpose
from ssltoolbox.codecs.batched_heatmap import (
    BatchedHeatmapCodec,
    heatmap_argmax,
    quarter_offset,
)
from ssltoolbox.geometry.warp import cell_matrix

from mmpose.codecs import (  # isort: skip
    IntegralRegressionLabel,
    MegviiHeatmap,
    MSRAHeatmap,
    SimCCLabel,
    UDPHeatmap,
)
from mmpose.codecs.utils import refine_keypoints  # isort: skip

SIZES = dict(input_size=(64, 96), heatmap_size=(16, 24))
CODECS = {
    'msra': MSRAHeatmap(**SIZES, sigma=2),
    'msra wide': MSRAHeatmap(input_size=(128, 64), heatmap_size=(32, 16), sigma=1),
    'udp': UDPHeatmap(**SIZES, sigma=2),
    'dark': MSRAHeatmap(**SIZES, sigma=2, unbiased=True),
    'dark, odd sigma': MSRAHeatmap(**SIZES, sigma=1.5, unbiased=True),
}


def random_points(codec, count=400, seed=0):
    """Points in and around the input, (1, count, 2)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-40, np.array(codec.input_size) + 40, (1, count, 2))


def border_points(codec):
    """Corners, half cells and the last places where a Gaussian still shows."""
    (w, h), (sx, sy) = codec.input_size, codec.scale_factor
    xs = [-7 * sx, -6.4 * sx, -6 * sx, -1, -0.5 * sx, 0, 0.5 * sx, sx / 2, w / 2, w - 1]
    xs += [w - 0.5, w, w + 5 * sx, w + 5.4 * sx, w + 6 * sx]
    ys = [-6 * sy, -0.5 * sy, 0, 1.5 * sy, h - sy, h - 1, h - sy / 2, h, h + 5.4 * sy]
    return np.array([[(x, y) for x in xs for y in ys]], dtype=np.float64)


@pytest.mark.parametrize('name', CODECS)
@pytest.mark.parametrize('points', [random_points, border_points])
def test_rendered_maps_equal_mmposes_sample_by_sample(name, points):
    codec = CODECS[name]
    points = points(codec)
    visible = np.random.default_rng(1).integers(0, 2, points.shape[:2]).astype(float)
    theirs = codec.encode(points, visible)
    maps, weight = BatchedHeatmapCodec(codec).encode(
        torch.from_numpy(points), torch.from_numpy(visible)
    )
    assert maps.dtype == weight.dtype == torch.float32
    assert np.abs(maps[0].numpy() - theirs['heatmaps']).max() < 1e-6
    empty = (theirs['heatmaps'] == 0).all((1, 2))
    # mmpose counts a Gaussian that ends one cell before the map, and hidden keypoints
    certain = ~empty | (theirs['keypoint_weights'][0] == 0)
    differing = weight[0].numpy() != theirs['keypoint_weights'][0]
    assert not differing[certain & (visible[0] > 0)].any()
    assert (weight[0].numpy()[empty] == 0).all()


@pytest.mark.parametrize(
    'name, grid, last',
    [
        ('msra', 'stride', (60, 92)),
        ('dark', 'stride', (60, 92)),
        ('udp', 'corners', (63, 95)),
    ],
)
def test_the_grid_tells_which_pixel_a_cell_stands_for(name, grid, last):
    codec = BatchedHeatmapCodec(CODECS[name])
    assert codec.grid == grid
    maps = torch.zeros(1, 1, 24, 16)
    maps[..., -1, -1] = 1
    point = codec.decode(maps)[0][0, 0]
    matrix = cell_matrix(codec.input_size, codec.heatmap_size, codec.grid)
    assert point.tolist() == pytest.approx(last)
    assert (matrix @ torch.tensor([15, 23, 1.0]).double()).tolist() == [*last, 1]


@pytest.mark.parametrize('name', CODECS)
def test_a_batch_equals_its_samples(name):
    codec = CODECS[name]
    batched = BatchedHeatmapCodec(codec)
    points = torch.from_numpy(random_points(codec, 5 * 17)).view(5, 17, 2)
    maps, weight = batched.encode(points, torch.ones(5, 17))
    for i in range(5):
        one, its = batched.encode(points[i : i + 1], torch.ones(1, 17))
        assert torch.equal(one[0], maps[i]) and torch.equal(its[0], weight[i])


def test_a_rounded_gaussian_peaks_with_one_at_its_cell():
    codec = BatchedHeatmapCodec(CODECS['msra'])
    maps, _ = codec.encode(torch.tensor([[[9.9, 22.0]]]), torch.ones(1, 1))
    # 9.9 px / 4 = 2.5 cells is rounded to the nearest, 22 / 4 = 5.5 up
    assert maps[0, 0, 6, 2] == 1
    assert maps[0, 0, 6, 4] == pytest.approx(np.exp(-4 / 8))


@pytest.mark.parametrize('weight, drawn', [(0, 0), (0.5, 0), (0.6, 1), (2, 1)])
def test_a_map_is_drawn_above_one_half_and_its_weight_is_kept(weight, drawn):
    codec = BatchedHeatmapCodec(CODECS['msra'])
    maps, out = codec.encode(torch.tensor([[[8.0, 8]]]), torch.tensor([[weight]]))
    assert maps.max() == drawn
    assert out.item() == pytest.approx(weight)


@pytest.mark.parametrize('seed', range(3))
def test_refined_peaks_equal_mmposes_away_from_the_border(seed):
    codec = CODECS['msra']
    maps = np.random.default_rng(seed).uniform(0, 1, (17, 24, 16)).astype(np.float32)
    maps[:, :2] = maps[:, -2:] = maps[..., :2] = maps[..., -2:] = 0
    theirs, scores = codec.decode(maps)
    ours, our_scores = BatchedHeatmapCodec(codec).decode(
        torch.from_numpy(maps)[None], refine=True
    )
    assert np.array_equal(ours.numpy(), theirs)
    assert np.array_equal(our_scores.numpy(), scores)


@pytest.mark.parametrize('name', CODECS)
def test_plain_peaks_equal_mmposes_maximum(name):
    from mmpose.codecs.utils import get_heatmap_maximum

    codec = CODECS[name]
    w, h = codec.heatmap_size
    maps = np.random.default_rng(3).normal(0, 1, (6, 17, h, w)).astype(np.float32)
    cells, scores = get_heatmap_maximum(maps)
    ours, our_scores = BatchedHeatmapCodec(codec).decode(torch.from_numpy(maps))
    assert np.array_equal(our_scores.numpy(), scores)
    assert np.allclose(ours.numpy(), cells * codec.scale_factor, atol=1e-4)


@pytest.mark.parametrize('name', CODECS)
def test_what_is_drawn_is_found_again_within_half_a_cell(name):
    codec = CODECS[name]
    batched = BatchedHeatmapCodec(codec)
    rng = np.random.default_rng(4)
    high = (np.array(codec.heatmap_size) - 1) * codec.scale_factor
    points = torch.from_numpy(rng.uniform(0, high, (8, 17, 2)))
    found, scores = batched.decode(batched.encode(points, torch.ones(8, 17))[0])
    half = torch.from_numpy(codec.scale_factor) / 2
    assert ((found - points).abs() <= half + 1e-3).all()
    assert (scores > 0.85).all()


@pytest.mark.parametrize('value', [0.0, -1.0])
def test_a_map_without_a_positive_value_has_its_peak_at_the_origin(value):
    cells, scores = heatmap_argmax(torch.full((1, 2, 4, 6), value))
    assert cells.tolist() == [[[0, 0], [0, 0]]] and scores.tolist() == [[value, value]]


def test_equal_maxima_take_the_first_as_numpy_does():
    maps = torch.zeros(1, 1, 3, 4)
    maps[0, 0, 1, 2] = maps[0, 0, 2, 0] = 1
    assert heatmap_argmax(maps)[0].tolist() == [[[2, 1]]]


def test_a_quarter_cell_goes_to_the_higher_neighbour_and_no_further():
    maps = torch.zeros(1, 1, 7, 7)
    maps[0, 0, 3, 3], maps[0, 0, 3, 4], maps[0, 0, 2, 3] = 1, 0.5, 0.2
    moved = quarter_offset(torch.tensor([[[3.0, 3.0]]]), maps)
    assert moved.tolist() == [[[3.25, 2.75]]]


@pytest.mark.parametrize('x', [0, 1, 6])
def test_a_peak_beside_the_border_stays(x):
    maps = torch.rand(1, 1, 7, 7)
    cells = torch.tensor([[[float(x), 3.0]]])
    assert torch.equal(quarter_offset(cells, maps), cells)


def test_scores_are_float32_in_half_precision():
    # 0.50049 is the next bfloat16-like value above one half: no rounding in between
    points, scores = BatchedHeatmapCodec(CODECS['msra']).decode(
        torch.full((1, 1, 24, 16), 0.5, dtype=torch.bfloat16)
    )
    assert points.dtype == scores.dtype == torch.float32


@pytest.mark.parametrize(
    'codec',
    [
        UDPHeatmap(**SIZES, heatmap_type='combined'),
        MegviiHeatmap(**SIZES, kernel_size=11),
        SimCCLabel((64, 96)),
        IntegralRegressionLabel(**SIZES, sigma=2),
    ],
    ids=lambda codec: type(codec).__name__,
)
def test_other_codecs_are_refused_with_what_to_use(codec):
    with pytest.raises(TypeError, match=f'{type(codec).__name__}.*MSRAHeatmap.*UDP'):
        BatchedHeatmapCodec(codec)


def test_along_the_border_peaks_move_as_in_mmpose():
    maps = torch.rand(1, 5 * 7, 5, 7, generator=torch.manual_seed(0))
    # a peak in every cell
    maps[0].flatten(1).fill_diagonal_(2.0)
    cells, _ = heatmap_argmax(maps)
    moved = quarter_offset(cells, maps, along_border=True)
    expected = refine_keypoints(cells.numpy().copy(), maps[0].numpy())
    assert np.array_equal(moved.numpy(), expected)
    assert not torch.equal(moved, quarter_offset(cells, maps))
