import math

import pytest
import torch

from ssltoolbox.geometry.camera import (
    Motion,
    back_project,
    flow_from_depth,
    transfer,
)
from ssltoolbox.testing.tiny_depth import wall

K = torch.tensor([[[10.0, 0, 4], [0, 20, 3], [0, 0, 1]]])


def still(count=1):
    return Motion(torch.eye(3).expand(count, 3, 3), torch.zeros(count, 3, 1))


def turn(angle):
    """About the optical axis, x towards y."""
    c, s = math.cos(angle), math.sin(angle)
    return Motion(
        torch.tensor([[[c, -s, 0], [s, c, 0], [0, 0, 1]]]), torch.zeros(1, 3, 1)
    )


def test_motions_undo_each_other():
    first, second = wall().motions
    product = second.rotation @ first.rotation
    assert torch.allclose(product, torch.eye(3).double().expand(2, 3, 3))
    assert torch.allclose(second.rotation @ first.translation, -second.translation)


def test_a_motion_between_two_poses_takes_points_from_one_to_the_other():
    generator = torch.Generator().manual_seed(0)
    poses = torch.eye(4).double().repeat(2, 1, 1)
    poses[:, :3] = torch.randn(2, 3, 4, generator=generator).double()
    motion = Motion.between(poses[:1], poses[1:])
    point = torch.tensor([[0.3], [-2.0], [5.0], [1.0]]).double()
    here, there = (pose @ point for pose in poses)
    moved = motion.rotation[0] @ here[:3] + motion.translation[0]
    assert torch.allclose(moved, there[:3])


@pytest.mark.parametrize('shape', [(2, 3, 1), (1, 3), (1, 1, 3)])
def test_a_motion_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match='Motion needs rotation'):
        Motion(torch.eye(3)[None], torch.zeros(shape))


def test_pixels_become_points_by_hand():
    depth = torch.full((1, 1, 6, 9), 5.0)
    points = back_project(depth, K)
    # (8 - 4) / 10 * 5, (5 - 3) / 20 * 5
    assert points[0, :, 5, 8].tolist() == pytest.approx([2.0, 0.5, 5.0])
    assert points[0, :, 3, 4].tolist() == [0, 0, 5]


def test_points_and_pixels_of_another_view_agree():
    scene = wall()
    depth, motion = scene.depths[0], scene.motions[0]
    points = back_project(depth, scene.intrinsics).flatten(2)
    seen = scene.intrinsics @ (motion.rotation @ points + motion.translation)
    assert torch.allclose(transfer(depth, motion, scene.intrinsics).flatten(2), seen)


def test_a_step_sideways_moves_near_pixels_more():
    depth = torch.ones(1, 1, 6, 9)
    depth[..., 4:] = 2
    step = Motion(torch.eye(3)[None], torch.tensor([[[0.9], [0.0], [0.0]]]))
    flow, seen = flow_from_depth(depth, step, K)
    assert seen.all() and flow[:, 1].abs().max() < 1e-12
    # f t / z pixels of 9
    assert flow[0, 0, 0, [3, 4]].tolist() == pytest.approx([10 * 0.9 / 9, 0.5])


def test_a_turn_about_the_axis_takes_pixels_along_a_circle():
    k = torch.tensor([[[10.0, 0, 4], [0, 10, 4], [0, 0, 1]]])
    flow, _ = flow_from_depth(torch.rand(1, 1, 9, 9) + 1, turn(math.pi / 2), k)
    # the pixel 3 to the right of the centre comes to lie 3 below it
    assert (9 * flow[0, :, 4, 7]).tolist() == pytest.approx([-3, 3], abs=1e-5)
    assert flow[0, :, 4, 4].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_pixels_behind_the_camera_or_masked_have_no_flow_and_no_gradient():
    depth = torch.tensor([0.0, 0.5, 1.0, 2.0]).view(1, 1, 1, 4).requires_grad_()
    back = Motion(torch.eye(3)[None], torch.tensor([[[0.1], [0.0], [-1.0]]]))
    valid = torch.tensor([1.0, 1, 1, 0]).view(1, 1, 1, 4)
    flow, seen = flow_from_depth(depth, back, K, valid)
    assert not seen.any() and (flow == 0).all()
    flow.sum().backward()
    assert (depth.grad == 0).all()
    flow, seen = flow_from_depth(depth.detach(), back, K)
    assert seen.flatten().tolist() == [False, False, False, True]
    assert flow.isfinite().all()


def test_no_motion_is_no_flow():
    flow, seen = flow_from_depth(torch.rand(2, 1, 6, 9) + 0.1, still(2), K.repeat(2, 1, 1))
    assert seen.all() and flow.abs().max() < 1e-7
