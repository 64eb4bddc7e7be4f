"""LEDNet halves three times, and its blocks mix halves of the channels."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ssltoolbox.models.backbones.lednet import Down, LEDNet, SplitShuffleBlock


def test_features_of_three_resolutions_rounded_up():
    shapes = [tuple(f.shape) for f in LEDNet().eval()(torch.zeros(2, 3, 33, 48))]
    assert shapes == [(2, 32, 17, 24), (2, 64, 9, 12), (2, 128, 5, 6)]


def test_a_step_down_is_two_pooled_convolutions():
    down = Down(3, 8)
    x = torch.randn(1, 3, 9, 12)
    for conv, half in zip(down.convs, down(x).chunk(2, 1), strict=True):
        strided = F.conv2d(x, conv.weight, stride=2, padding=2)
        assert torch.equal(half, F.max_pool2d(strided, 2, stride=1))
    assert sum(p.numel() for p in down.parameters()) == 2 * 4 * 3 * 9


@pytest.mark.parametrize('dilation', [1, 3])
def test_a_block_sees_its_dilation_in_both_directions(dilation):
    torch.manual_seed(0)
    block = SplitShuffleBlock(8, dilation, dict(type='BN')).eval()
    for weight in block.parameters():
        weight.data.abs_()  # no ReLU hides anything
    x = torch.rand(1, 8, 17, 17)
    moved = x.clone()
    moved[..., 8, 8] += 1
    seen = (block(moved) - block(x)).abs().amax((0, 1)).nonzero()
    reach = 1 + dilation
    assert seen.min(0).values.tolist() == [8 - reach] * 2
    assert seen.max(0).values.tolist() == [8 + reach] * 2


def test_channels_of_the_two_halves_alternate_after_a_block():
    block = SplitShuffleBlock(6, 1, dict(type='BN')).eval()
    for conv in block.modules():
        if isinstance(conv, nn.Conv2d):
            nn.init.zeros_(conv.weight)
    x = torch.arange(1.0, 7).view(1, 6, 1, 1).expand(1, 6, 2, 2)
    assert block(x)[0, :, 0, 0].tolist() == [1, 4, 2, 5, 3, 6]


def test_the_branches_differ_in_the_order_of_their_kernels():
    block = SplitShuffleBlock(8, 2, dict(type='BN'))
    kernels = [
        [layer.kernel_size for layer in branch if isinstance(layer, nn.Conv2d)]
        for branch in block.branches
    ]
    assert kernels == [[(3, 1), (1, 3)] * 2, [(1, 3), (3, 1)] * 2]
    names = ['Conv2d', 'ReLU', 'Conv2d', 'BatchNorm2d', 'ReLU'] * 2
    assert [type(layer).__name__ for layer in block.branches[0]] == names


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match='even channels and a list of dilations'):
        LEDNet(channels=(32, 64))
    with pytest.raises(ValueError, match=r'channels=\(32, 63, 128\)'):
        LEDNet(channels=(32, 63, 128))
