"""FPENet has the published size, sees widely, and takes images of any size."""

import pytest
import torch
from torch import nn

from ssltoolbox.models.backbones.fpenet import FPEBlock, FPENet


def block(stride=1, expansion=1, out=8):
    torch.manual_seed(0)
    norm = dict(type='BN')
    return FPEBlock(8, out, stride, expansion, (1, 2, 4, 8), norm).eval()


def test_features_of_three_resolutions_rounded_up():
    network = FPENet().eval()
    shapes = [tuple(f.shape) for f in network(torch.zeros(2, 3, 33, 48))]
    assert shapes == [(2, 16, 17, 24), (2, 32, 9, 12), (2, 64, 5, 6)]


def test_only_the_first_blocks_are_wide_and_strided():
    blocks = [list(stage) for stage in FPENet().stages]
    assert [len(stage) for stage in blocks] == [1, 3, 9]
    widths = [
        [b.expand.out_channels // b.expand.in_channels for b in s] for s in blocks
    ]
    assert widths == [[1], [4, 1, 1], [4] + [1] * 8]
    strides = [[b.expand.stride[0] for b in stage] for stage in blocks]
    assert strides == [[1], [2, 1, 1], [2] + [1] * 8]


def test_a_block_sees_as_far_as_the_sum_of_its_dilations():
    network, x = block(), torch.rand(1, 8, 41, 41)
    for weight in network.parameters():
        weight.data.abs_()  # no ReLU hides anything
    moved = x.clone()
    moved[..., 20, 20] += 1
    columns = (network(moved) - network(x)).abs().amax((0, 1, 2)).nonzero()
    # 1 + 2 + 4 + 8 on each side of the middle
    assert (columns.min(), columns.max()) == (5, 35)


def test_the_shortcut_is_the_input_where_the_shape_stays():
    plain = block()
    assert isinstance(plain.shortcut, nn.Identity)
    nn.init.zeros_(plain.reduce.conv.weight)
    x = torch.randn(1, 8, 6, 6)
    assert torch.equal(plain(x), x.relu())
    assert block(stride=2, expansion=4, out=16)(x).shape == (1, 16, 3, 3)


def test_a_stage_adds_its_first_output_to_its_last():
    network, x = (
        FPENet(channels=(8, 8), num_blocks=(1, 2)).eval(),
        torch.randn(1, 3, 8, 8),
    )
    finest, coarse = network(x)
    first, last = network.stages[1]
    assert torch.equal(coarse, last(first(finest)) + first(finest))


def test_fresh_weights_follow_the_fan_out():
    torch.manual_seed(0)
    network = FPENet()
    network.init_weights()
    weight = network.stages[2][0].reduce.conv.weight
    assert weight.shape == (64, 128, 1, 1)
    assert weight.std().item() == pytest.approx((2 / 64) ** 0.5, rel=0.05)


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match='2 entries of channels, but 3 of num_blocks'):
        FPENet(channels=(16, 32))
    with pytest.raises(ValueError, match='splits 6 channels into 4 groups'):
        FPENet(channels=(6, 32, 64))
