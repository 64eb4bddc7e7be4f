"""Joint Cutout: which pixels are hidden, in numbers by head."""

import pytest
import torch

from ssltoolbox.augment.joint_cutout import JointCutout


def hidden(point, half, size, noise=(0.0, 0.0), chosen=((0,),), **options):
    """Hidden columns and rows (first, last), and the number of hidden pixels."""
    points = torch.tensor([point]).float().view(1, -1, 2)
    spread = torch.tensor([noise]).float().view(1, -1, 2).expand_as(points)
    halves = torch.tensor([half]).view(1, -1, 2).expand(points.shape)
    mask = ~JointCutout(**options).keep_mask(
        points, spread, halves, torch.tensor(chosen), size[::-1]
    )
    assert mask.shape == (1, 1, *size[::-1])
    rows, columns = mask[0, 0].nonzero().unbind(1)
    if not len(rows):
        return None, None, 0
    spans = [(axis.min().item(), axis.max().item()) for axis in (columns, rows)]
    return *spans, int(mask.sum())


def test_a_rectangle_begins_at_minus_half_and_ends_before_plus_half():
    found = hidden((20, 30), (3, 5), size=(48, 64))
    assert found == ((17, 22), (25, 34), 6 * 10)


def test_noise_moves_the_centre_by_jitter_pixels():
    found = hidden((20, 30), (3, 5), size=(48, 64), noise=(1.0, -2.0))
    assert found == ((27, 32), (5, 14), 60)
    found = hidden((20, 30), (3, 5), size=(48, 64), noise=(1.0, -2.0), jitter=3)
    assert found == ((20, 25), (19, 28), 60)


def test_centres_are_cut_to_whole_pixels_towards_zero():
    assert hidden((20.9, 30.2), (1, 1), size=(48, 64))[:2] == ((19, 20), (29, 30))
    assert hidden((-0.9, 0), (1, 1), size=(48, 64))[:2] == ((0, 0), (0, 0))


def test_rectangles_end_at_the_border():
    assert hidden((1, 62), (3, 5), size=(48, 64)) == ((0, 3), (57, 63), 4 * 7)
    assert hidden((-9, 30), (3, 5), size=(48, 64))[2] == 0


@pytest.mark.parametrize(
    'size, point, whole, published',
    [
        ((48, 64), (20, 50), (45, 54), (45, 47)),
        ((48, 64), (20, 60), (55, 63), None),
        ((48, 48), (20, 46), (41, 47), (41, 47)),
    ],
)
def test_the_published_limits_spare_the_lower_end_of_a_tall_crop(
    size, point, whole, published
):
    assert hidden(point, (3, 5), size)[1] == whole
    assert hidden(point, (3, 5), size, legacy_clamp=True)[1] == published


def test_the_published_limits_spare_the_right_end_of_a_wide_crop():
    assert hidden((50, 20), (5, 3), (64, 48))[0] == (45, 54)
    assert hidden((50, 20), (5, 3), (64, 48), legacy_clamp=True)[0] == (45, 47)


def test_a_keypoint_drawn_twice_is_hidden_once():
    points = ((10, 10), (40, 40))
    once, twice, both = (
        hidden(points, (2, 2), (48, 64), chosen=chosen)
        for chosen in ([[0]], [[0, 0, 0]], [[0, 1, 0]])
    )
    assert once == twice == ((8, 11), (8, 11), 16)
    assert both == ((8, 41), (8, 41), 32)


def peaks(*cells, size=(12, 16), low=0.0):
    """Heatmaps (1, K, h, w), one cell of each higher than the others."""
    maps = torch.full((1, len(cells), *size[::-1]), low)
    for k, (x, y) in enumerate(cells):
        maps[0, k, y, x] = low + 0.1
    return maps


def cut(maps, among=None, seed=0, **options):
    """Hidden pixels (H, W) of a white image of 48 x 64 px."""
    cutout = JointCutout(**{'half_size': (2, 3), 'jitter': 0, **options})
    image = torch.ones(len(maps), 3, 64, 48)
    generator = torch.Generator().manual_seed(seed)
    result = cutout(image, maps, among, generator)
    assert (result == result[:, :1]).all() and image.all()
    return result[0, 0] == 0


@pytest.mark.parametrize('low', [0.0, -3.0])
def test_rectangles_lie_around_the_highest_cells_in_pixels(low):
    found = cut(peaks((5, 7), low=low), num=1)
    # the cell's index times 4, without half a cell: (20, 28)
    assert found.sum() == 16 and found[26:30, 18:22].all()


def test_only_the_given_keypoints_are_cut_at():
    maps = peaks((2, 2), (9, 13), (2, 13))
    places = {(8, 8): 0, (52, 36): 1, (52, 8): 2}
    for among, expected in (
        (torch.tensor([1]), {1}),
        (torch.tensor([0, 2]), {0, 2}),
        (None, {0, 1, 2}),
    ):
        found = [cut(maps, among, seed, num=1) for seed in range(20)]
        seen = {k for mask in found for place, k in places.items() if mask[place]}
        assert seen == expected
        assert all(mask.sum() == 16 for mask in found)


def test_every_image_draws_its_own_keypoints_with_replacement():
    points = torch.zeros(200, 24, 2)
    generator = torch.Generator().manual_seed(0)
    noise, half, chosen = JointCutout(num=5).draw(points, generator)
    assert noise.shape == half.shape == (200, 24, 2) and chosen.shape == (200, 5)
    assert half.min() == 10 and half.max() == 19
    assert chosen.min() == 0 and chosen.max() == 23
    different = [len(set(row)) for row in chosen.tolist()]
    # 24 (1 - (23 / 24)^5) of five draws among 24 are different
    assert sum(different) / 200 == pytest.approx(4.60, abs=0.15)


def test_a_generator_repeats_its_draws():
    maps = peaks((2, 2), (9, 13), (2, 13), (6, 8))
    masks = [cut(maps, seed=seed, jitter=10) for seed in (1, 1, 2)]
    assert torch.equal(masks[0], masks[1]) and not torch.equal(masks[0], masks[2])


@pytest.mark.parametrize(
    'options', [dict(num=0), dict(half_size=(0, 5)), dict(half_size=(5, 5))]
)
def test_numbers_out_of_range_are_one_error(options):
    with pytest.raises(ValueError, match='num and half_size are positive'):
        JointCutout(**options)
