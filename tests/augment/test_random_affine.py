"""The second affine: what a picture and its matrices do, in numbers by head."""

import pytest
import torch

from ssltoolbox.augment.random_affine import RandomAffine, warp_batch, warp_normalised
from ssltoolbox.geometry.view import View
from ssltoolbox.tasks.base import Batch


def batch_of(images):
    count, (height, width) = len(images), images.shape[2:]
    matrix = torch.eye(3, dtype=torch.double).repeat(count, 1, 1)
    view = View(matrix, (width, height))
    return Batch(images, [], view, torch.zeros(count, dtype=torch.bool))


def moved(images, scale=1.0, angle=0.0, **options):
    """The batch under one scale and angle."""
    batch = batch_of(images)
    numbers = (torch.tensor([n], dtype=torch.double) for n in (scale, angle))
    return warp_batch(batch, RandomAffine(**options).matrix(*numbers, batch.view.size))


def lit(image):
    """(x, y) of the pixels that are not black."""
    return sorted(map(tuple, image[0, 0].gt(0.5).nonzero().flip(1).tolist()))


def image_of(width, height, *pixels):
    image = torch.zeros(1, 1, height, width)
    for x, y in pixels:
        image[0, 0, y, x] = 1
    return image


def test_a_quarter_turn_of_a_square_goes_clockwise():
    # x becomes 7 - y, y becomes x
    hard = moved(image_of(8, 8, (6, 2)), angle=90)
    assert lit(hard.inputs) == [(5, 6)]
    corner = hard.view.apply(torch.tensor([[[6.0, 2.0], [0.0, 0.0]]]))
    assert corner[0].round(decimals=9).tolist() == [[5, 6], [7, 0]]


def test_a_scale_of_two_makes_the_person_half_as_large():
    square = [(x, y) for x in range(2, 6) for y in range(2, 6)]
    hard = moved(image_of(8, 8, *square), scale=2)
    assert lit(hard.inputs) == [(3, 3), (3, 4), (4, 3), (4, 4)]
    assert hard.inputs.sum() == 4
    # 1.5 px left of the middle at 3.5, then half of that
    assert hard.view.apply(torch.tensor([[[2.0, 3.5]]])).tolist() == [[[2.75, 3.5]]]


def test_no_turn_and_no_scale_change_nothing():
    image = torch.rand(2, 3, 6, 4)
    hard = warp_batch(batch_of(image), torch.eye(2, 3).double().expand(2, 2, 3))
    torch.testing.assert_close(hard.inputs, image)
    assert torch.equal(hard.view.matrix, torch.eye(3).double().expand(2, 3, 3))


def test_outside_the_picture_there_is_zero():
    hard = moved(torch.ones(1, 1, 8, 8), scale=2)
    assert hard.inputs.sum() == 16 and hard.inputs[0, 0, 0, 0] == 0


def linear(size, angle, **options):
    """Where a turn takes the unit steps to the right and down, in pixels."""
    matrix = moved(torch.zeros(1, 1, *size[::-1]), angle=angle, **options).view.matrix
    return matrix[0, :2, :2].mT


@pytest.mark.parametrize('angle', [-50.0, 20.0, 90.0])
def test_a_turn_in_pixels_keeps_right_angles_and_lengths(angle):
    right, down = linear((48, 64), angle, aspect_correct=True)
    assert (right @ down).abs() < 1e-12
    assert right.norm().item() == pytest.approx(1)
    assert down.norm().item() == pytest.approx(1)


def test_the_published_turn_shears_what_is_not_square():
    right, down = linear((48, 64), 20.0)
    assert (right @ down).abs() > 0.1
    # a quarter turn takes the upper edge to the right edge, which is nearer
    right, down = linear((48, 64), 90.0)
    assert down.tolist() == pytest.approx([-48 / 64, 0])
    assert right.tolist() == pytest.approx([0, 64 / 48])
    right, down = linear((48, 48), 20.0)
    assert (right @ down).abs() < 1e-12


def drawn(count=2000, size=(48, 64), generator=None, **options):
    """Scales and angles in degrees of many draws."""
    batch = batch_of(torch.zeros(count, 1, *size[::-1]))
    matrix = RandomAffine(**options).draw(batch, generator)
    assert matrix.dtype == torch.double and not matrix[:, :, 2].any()
    cos, sin = matrix[:, 0, 0], matrix[:, 0, 1]
    return (cos**2 + sin**2).sqrt(), torch.atan2(sin, cos).rad2deg()


def test_draws_stay_within_their_bounds_and_reach_them():
    scale, angle = drawn(generator=torch.Generator().manual_seed(0))
    assert scale.min().item() == pytest.approx(0.75)
    assert scale.max().item() == pytest.approx(1.25)
    assert angle.min().item() == pytest.approx(-60)
    assert angle.max().item() == pytest.approx(60)
    # one normal number in three is beyond its spread; one angle in five is none
    assert 0.27 < ((scale - 1).abs() > 0.2499).double().mean() < 0.37
    assert 0.17 < (angle == 0).double().mean() < 0.23


def test_rotations_can_be_switched_off_and_made_certain():
    assert not drawn(100, rotation_prob=0)[1].any()
    assert drawn(100, rotation_prob=1)[1].all()
    scale, _ = drawn(100, scale=0)
    torch.testing.assert_close(scale, torch.ones_like(scale))


def test_a_generator_repeats_its_draws_and_leaves_the_global_one_alone():
    def draw(seed):
        return drawn(5, generator=torch.Generator().manual_seed(seed))[0]

    before = torch.get_rng_state()
    first, again, other = draw(1), draw(1), draw(2)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(drawn(5)[0], drawn(5)[0])


def test_maps_of_each_sample_are_moved_by_their_own_matrix():
    maps = image_of(8, 8, (6, 2)).expand(2, 5, 8, 8)
    turn = RandomAffine().matrix(*torch.tensor([[1.0, 1.0], [0, 90]]).double(), (8, 8))
    result = warp_normalised(maps, turn)
    assert lit(result[:1]) == [(6, 2)] and lit(result[1:]) == [(5, 6)]
    assert (result == result[:, :1]).all()
