import copy

import pytest
import torch
from torch import nn

from ssltoolbox.semi.perturb import (
    RandomState,
    adversarial_direction,
    appended_dropout,
    evaluating,
    frozen_statistics,
    resolution,
    unit_norm,
)


def test_each_channel_or_each_image_has_norm_1():
    # two channels of two pixels: (3, 4) and (0, 12)
    images = torch.tensor([[[[3.0, 4.0]], [[0.0, 12.0]]]])
    expected = torch.tensor([[[[0.6, 0.8]], [[0.0, 1.0]]]])
    assert torch.allclose(unit_norm(images), expected, atol=1e-5)
    whole = unit_norm(images, (-3, -2, -1))
    assert torch.allclose(whole, images / 13, atol=1e-5)


@pytest.mark.parametrize('size', [1e-30, 1e-20, 1e20, 1e30])
def test_neither_tiny_nor_huge_numbers_spoil_it(size):
    # their squares are 0 or infinite in float32; below 1e-12 they count as nothing
    found = unit_norm(size * torch.tensor([[[[3.0, 4.0]]]])).flatten()
    if size < 1e-12:
        assert found.norm() < 1e-3
    else:
        assert found.tolist() == pytest.approx([0.6, 0.8], rel=1e-3)


def test_nothing_has_no_direction():
    assert not unit_norm(torch.zeros(1, 3, 4, 4)).any()


def test_one_power_iteration_multiplies_with_the_matrix_of_a_quadratic_form():
    # D(d) = 4 x^2 + 1 y^2: from (1, 1) to (8, 2), then towards (1, 0)
    scale = torch.tensor([4.0, 1.0]).view(1, 1, 1, 2)

    def form(d):
        return (scale * d.square()).sum()

    found = adversarial_direction(form, torch.ones(1, 1, 1, 2)).flatten()
    assert found.tolist() == pytest.approx([8 / 68**0.5, 2 / 68**0.5], rel=1e-5)
    for _ in range(6):
        found = adversarial_direction(form, found.view(1, 1, 1, 2)).flatten()
    assert found.tolist() == pytest.approx([1, 0], abs=1e-3)


def test_no_parameter_gets_a_gradient():
    network = nn.Conv2d(3, 2, 3)
    start = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        found = adversarial_direction(lambda d: network(d).square().mean(), start)
    assert not found.requires_grad and not start.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_gradients_of_a_mean_over_many_entries_survive_half_precision():
    # each is 2e-6 / 1e4 = 2e-10; the smallest half is 6e-8
    start = torch.full((1, 1, 100, 100), 1e-6)

    def distance(d):
        return d.half().float().square().mean()

    found = adversarial_direction(distance, start)
    assert torch.allclose(found, torch.full_like(found, 0.01), rtol=1e-2)


def test_the_same_numbers_are_drawn_again_and_the_sequence_goes_on():
    torch.manual_seed(3)
    state = RandomState(torch.device('cpu'))
    seed, first = torch.initial_seed(), torch.rand(4)
    torch.manual_seed(4)
    expected = torch.rand(2, 4)
    torch.manual_seed(4)
    assert torch.rand(4).equal(expected[0])
    for _ in range(2):
        with state.replayed():
            assert torch.initial_seed() == seed
            assert torch.rand(4).equal(first)
    assert torch.rand(4).equal(expected[1])


@pytest.mark.parametrize('kind', [nn.BatchNorm2d, nn.SyncBatchNorm, nn.InstanceNorm2d])
@pytest.mark.parametrize('training', [True, False])
def test_statistics_stay_and_outputs_are_the_same(kind, training):
    norm = kind(3, track_running_stats=True, momentum=0.3).train(training)
    images = 2 + torch.randn(4, 3, 8, 8)
    before = copy.deepcopy(norm.state_dict())
    with frozen_statistics(nn.Sequential(norm)):
        found = norm(images)
    assert all(value.equal(before[key]) for key, value in norm.state_dict().items())
    assert norm(images).equal(found)
    moved = any(
        not value.equal(before[key]) for key, value in norm.state_dict().items()
    )
    assert moved == training and norm.momentum == 0.3 and norm.track_running_stats


def test_statistics_move_again_after_an_error():
    norm = nn.BatchNorm2d(3)
    with pytest.raises(KeyError), frozen_statistics(norm):
        raise KeyError
    assert norm.track_running_stats and norm.momentum == 0.1


def test_the_resolution_is_that_of_autocast():
    images = torch.ones(1)
    assert resolution(images) == torch.finfo(torch.float32).eps
    assert resolution(images.double()) == torch.finfo(torch.float64).eps
    with torch.autocast('cpu', torch.bfloat16):
        assert resolution(images) == 2**-7


def test_chosen_rows_are_repeated_behind_a_backbone_with_channels_dropped():
    backbone = nn.Conv2d(3, 40, 1)
    images = torch.randn(3, 3, 4, 4)
    plain = backbone(images)
    with appended_dropout(backbone, slice(1, None), 0.5):
        more = backbone(images)
    assert more.shape == (5, 40, 4, 4) and torch.equal(more[:3], plain)
    share = (more[3:] / plain[1:]).flatten(2)
    assert ((share - share[..., :1]).abs() < 1e-5).all()  # a channel as a whole
    assert {round(s) for s in share[..., 0].flatten().tolist()} == {0, 2}
    assert backbone(images).shape == plain.shape


def test_every_level_of_a_backbone_loses_channels_of_its_own():
    class Levels(nn.Module):
        def forward(self, x):
            return x, x

    with appended_dropout(Levels().eval(), slice(None)) as nothing:
        assert nothing is None
    levels = Levels()
    with appended_dropout(levels, slice(None)):
        one, two = levels(torch.ones(1, 64, 1, 1))
    assert len(one) == len(two) == 2 and not torch.equal(one, two)


def test_eval_mode_is_left_part_by_part():
    network = nn.Sequential(nn.Dropout(), nn.Dropout())
    network[0].eval()
    with evaluating(network):
        assert not network.training and not network[1].training
    assert network.training and network[1].training and not network[0].training
