import pytest
import torch

from ssltoolbox.geometry.camera import Motion, transfer
from ssltoolbox.geometry.depth_warp import warp_depth
from ssltoolbox.testing.tiny_depth import wall

K = torch.tensor([[[8.0, 0, 7.5], [0, 8, 5.5], [0, 0, 1]]])
ALL = torch.ones(1, 1, 12, 16)


def shifted(x=0.0, z=0.0):
    return Motion(torch.eye(3)[None], torch.tensor([[[x], [0.0], [z]]]))


def test_without_motion_a_depth_comes_back_to_the_bit():
    depth = torch.rand(1, 1, 12, 16) + 0.5
    warped, overlap = warp_depth(depth, depth, shifted(), K, ALL)
    assert torch.equal(warped, depth) and (overlap == 1).all()


def test_a_whole_pixel_is_moved_exactly():
    other = torch.arange(192.0).view(1, 1, 12, 16) + 1
    # f t / z = 8 * 0.25 / 2 = 1 px: the pixel x here is x + 1 there
    warped, overlap = warp_depth(2 * ALL, other, shifted(0.25), K, ALL)
    assert torch.allclose(warped[..., :-1], other[..., 1:])
    assert overlap[..., :-1].all() and not overlap[..., -1].any()


def test_depth_is_that_of_the_viewer():
    warped, _ = warp_depth(3 * ALL, 2 * ALL, shifted(z=-1.0), K, ALL)
    middle = warped[0, 0, 4:8, 6:10]
    assert torch.allclose(middle, torch.full_like(middle, 3.0))


@pytest.mark.parametrize('one', [0, 1])
def test_both_cameras_agree_on_a_wall(one):
    scene = wall()
    depth, other = scene.depths[one], scene.depths[1 - one]
    valid = torch.ones_like(depth)
    warped, overlap = warp_depth(
        depth, other, scene.motions[one], scene.intrinsics, valid
    )
    seen = overlap > 0
    assert 0.4 < seen.double().mean() < 1
    # 1 / z is linear in the picture of a plane, z nearly so; not at the rim
    assert ((warped - depth)[seen].abs() / depth[seen]).median() < 1e-3


def test_the_original_grid_does_not_return_the_input():
    depth = torch.rand(1, 1, 12, 16) + 0.5
    for sampling in ('legacy', 'legacy_corners'):
        warped, _ = warp_depth(depth, depth, shifted(), K, ALL, sampling=sampling)
        assert (warped - depth).abs().max() > 0.1
    with pytest.raises(ValueError, match='sampling must be'):
        warp_depth(depth, depth, shifted(), K, ALL, sampling='exact')


@pytest.mark.parametrize(
    'motion, valid',
    [
        (shifted(z=-9.0), ALL),  # all points are behind the other camera
        (shifted(x=100.0), ALL),  # none is in its frame
        (shifted(), 0 * ALL),
        (shifted(z=-2.0), ALL),  # all points are in its plane
    ],
)
def test_without_overlap_values_and_gradients_are_finite(motion, valid):
    depth, other = (torch.full((1, 1, 12, 16), 2.0).requires_grad_() for _ in range(2))
    warped, overlap = warp_depth(depth, other, motion, K, valid)
    assert not overlap.any() and warped.isfinite().all()
    (warped * overlap).sum().backward()
    for each in (depth, other):
        assert (each.grad == 0).all()


def test_a_mask_hides_what_the_other_view_does_not_show():
    valid = ALL.clone()
    valid[..., 8:] = 0
    warped, overlap = warp_depth(2 * ALL, 2 * ALL, shifted(0.25), K, valid)
    # the pixel 7 lies at 8 there, which is masked
    assert overlap[0, 0, 0].tolist() == [1] * 7 + [0] * 9
    assert (warped[..., 8:] == 0).all()


def test_gradients_are_those_of_differences():
    torch.manual_seed(0)
    depth, other = (
        (2 + 0.1 * torch.rand(1, 1, 5, 6).double()).requires_grad_() for _ in range(2)
    )
    motion = Motion(
        torch.eye(3).double()[None], torch.tensor([[[0.13], [0.08], [0.2]]]).double()
    )
    k = torch.tensor([[[4.0, 0, 2.5], [0, 4, 2], [0, 0, 1]]]).double()
    valid = torch.ones(1, 1, 5, 6).double()

    def inside(depth, other):
        warped, overlap = warp_depth(depth, other, motion, k, valid)
        return warped * overlap

    assert torch.autograd.gradcheck(inside, (depth, other))


def test_points_that_are_seen_have_a_positive_depth_there():
    scene = wall()
    there = transfer(scene.depths[0], scene.motions[0], scene.intrinsics)
    assert (there[:, 2] > 0).all()
