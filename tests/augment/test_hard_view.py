"""Hard views: images, heatmaps and the recorded geometry belong together."""

import pytest
import torch

from ssltoolbox.augment.hard_view import HardView
from ssltoolbox.augment.random_affine import warp_normalised
from ssltoolbox.geometry.view import View, crop_matrix
from ssltoolbox.tasks.base import Batch

AFFINE = dict(type='ssltoolbox.RandomAffine')
CUTOUT = dict(type='ssltoolbox.JointCutout', half_size=(5, 10), jitter=5)
SIZE = (96, 128)
POINTS = torch.tensor([[130.0, 90.0], [150.0, 110.0], [140.0, 135.0]]).double()


def blobs(points, size, sigma=3.0):
    """Images (B, K, H, W) with one round blob for each point (B, K, 2)."""
    x, y = (torch.arange(n).double() for n in size)
    dx = x[None, None, None, :] - points[..., 0, None, None]
    dy = y[None, None, :, None] - points[..., 1, None, None]
    return torch.exp(-(dx**2 + dy**2) / (2 * sigma**2)).float()


def centres(images):
    """(B, K, 2) centres of mass."""
    height, width = images.shape[2:]
    total = images.sum((2, 3))
    x = (images.sum(2) * torch.arange(width)).sum(-1) / total
    y = (images.sum(3) * torch.arange(height)).sum(-1) / total
    return torch.stack([x, y], -1).double()


def easy_batch(count=8, size=SIZE):
    """Easy views of points of an image; every second one is mirrored."""
    rng = torch.Generator().manual_seed(3)
    rows = []
    for i in range(count):
        turn = float(torch.rand(1, generator=rng) * 80 - 40)
        mirror = 300 if i % 2 else None
        crop = crop_matrix((140, 110), (150, 200), turn, size, mirror)
        rows.append(torch.from_numpy(crop))
    view = View(torch.stack(rows), size)
    images = blobs(view.apply(POINTS.expand(count, -1, -1)), size)
    return Batch(images, [], view, torch.zeros(count, dtype=torch.bool))


def some_maps(count=8, size=SIZE):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, 5, size[1] // 4, size[0] // 4, generator=generator)


@pytest.mark.parametrize('aspect_correct', [False, True])
def test_the_recorded_view_maps_points_to_where_their_picture_went(aspect_correct):
    easy = easy_batch()
    hard_view = HardView(AFFINE | dict(aspect_correct=aspect_correct))
    generator = torch.Generator().manual_seed(0)
    (hard,), _ = hard_view([easy], [some_maps()], generator=generator)
    found, expected = centres(hard.inputs), hard.view.apply(POINTS.expand(8, -1, -1))
    low, high = torch.tensor([12.0, 12.0]), torch.tensor(SIZE) - 12
    inside = ((expected > low) & (expected < high)).all(-1)
    assert inside.sum() > 16
    assert (found - expected)[inside].abs().max() < 0.05
    assert (expected - easy.view.apply(POINTS.expand(8, -1, -1))).abs().max() > 10
    # the second affine never mirrors
    assert torch.equal(hard.view.mirrored, easy.view.mirrored)
    assert hard.view.mirrored.tolist() == [False, True] * 4


def test_heatmaps_go_where_the_picture_goes():
    size, cells = (96, 96), (24, 24)
    points = torch.tensor([[[40.0, 40.0], [56.0, 44.0], [44.0, 60.0]]]).double()
    view = View(torch.eye(3).double()[None], size)
    easy = Batch(blobs(points, size), [], view, torch.zeros(1, dtype=torch.bool))
    maps = blobs(points / 4, cells, sigma=2)
    affine = HardView(AFFINE).affine
    for scale, angle, apart in ((1.0, 0, 0), (0.75, 60, 2.55), (1.25, -60, 1.94)):
        matrix = affine.matrix(*torch.tensor([[scale], [angle]]).double(), size)
        there = centres(warp_normalised(easy.inputs, matrix))
        gap = 4 * centres(warp_normalised(maps, matrix)) - there
        # the centres of the turns differ by 1.5 px, so (I - A) (1.5, 1.5) remains
        linear = matrix[0, :, :2].inverse()
        rest = (torch.eye(2).double() - linear) @ torch.tensor([1.5, 1.5]).double()
        torch.testing.assert_close(gap, -rest.expand(1, 3, 2), atol=0.1, rtol=0)
        assert rest.norm().item() == pytest.approx(apart, abs=0.01)


def test_all_networks_share_the_geometry_and_have_their_own_cutouts():
    easy, maps = easy_batch(), [some_maps(), some_maps().flip(0)]
    easy.inputs.fill_(1)
    generator = torch.Generator().manual_seed(0)
    hard, targets = HardView(AFFINE, CUTOUT)([easy, easy], maps, None, generator)
    assert torch.equal(hard[0].view.matrix, hard[1].view.matrix)
    assert not torch.equal(hard[0].inputs, hard[1].inputs)
    # five squares of at least 10 px would be 500 px if none lay on another
    hidden = [(batch.inputs == 0).flatten(1).sum(1) for batch in hard]
    assert all((n > 100).all() for n in hidden)
    # the heatmaps of both are moved alike, and are not cut
    matrix = _matrix_of(easy, hard[0])
    for target, given in zip(targets, maps, strict=True):
        moved = warp_normalised(given, matrix)
        torch.testing.assert_close(target, moved, atol=1e-4, rtol=0)


def _matrix_of(easy, hard):
    """Sampling matrix, recovered from the two recorded views."""
    w, h = easy.view.size
    scale = torch.tensor([[2 / w, 0, 1 / w - 1], [0, 2 / h, 1 / h - 1], [0, 0, 1]])
    scale = scale.double()
    step = hard.view.matrix @ easy.view.inverse()
    return (scale @ step.inverse() @ scale.inverse())[:, :2]


def test_the_easy_view_is_left_as_it_was():
    easy, maps = easy_batch(), some_maps()
    before = easy.inputs.clone(), easy.view.matrix.clone(), maps.clone()
    HardView(AFFINE, CUTOUT)([easy], [maps])
    assert torch.equal(easy.inputs, before[0]) and torch.equal(maps, before[2])
    assert torch.equal(easy.view.matrix, before[1])


def test_without_an_affine_the_geometry_stays():
    easy, maps = easy_batch(), some_maps()
    (hard,), (target,) = HardView(None)([easy], [maps])
    assert hard is easy and target is maps
    (hard,), (target,) = HardView(None, CUTOUT)([easy], [maps])
    assert hard.view is easy.view and target is maps
    assert not torch.equal(hard.inputs, easy.inputs)


def test_a_generator_repeats_the_hard_view():
    def make(seed):
        generator = torch.Generator().manual_seed(seed)
        (hard,), (target,) = HardView(AFFINE, CUTOUT)(
            [easy_batch()], [some_maps()], torch.tensor([1, 3]), generator
        )
        return hard.inputs, hard.view.matrix, target

    first, again, other = make(1), make(1), make(2)
    assert all(map(torch.equal, first, again))
    assert not any(map(torch.equal, first, other))


def test_nothing_carries_a_gradient():
    easy, maps = easy_batch(), some_maps()
    easy.inputs.requires_grad_()
    maps.requires_grad_()
    (hard,), (target,) = HardView(AFFINE, CUTOUT)([easy], [maps])
    assert not hard.inputs.requires_grad and not target.requires_grad


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32])
def test_it_never_waits_for_the_device(dtype):
    # a tensor without values cannot be read by the host
    view = View(torch.empty(2, 3, 3, device='meta', dtype=torch.double), SIZE)
    images = torch.empty(2, 3, *SIZE[::-1], device='meta', dtype=dtype)
    easy = Batch(images, [], view, torch.empty(2, device='meta', dtype=torch.bool))
    maps = torch.empty(2, 5, 32, 24, device='meta', dtype=dtype)
    among = torch.empty(3, device='meta', dtype=torch.long)
    (hard,), (target,) = HardView(AFFINE, CUTOUT)([easy], [maps], among)
    assert hard.inputs.shape == images.shape and hard.inputs.dtype == dtype
    assert target.shape == maps.shape and target.dtype == dtype
    assert hard.view.matrix.dtype == torch.double
