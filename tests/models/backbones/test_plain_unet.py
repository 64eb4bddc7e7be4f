"""The plain U-Net joins skips of every resolution, for images of any size."""

import pytest
import torch
from torch import nn

from ssltoolbox.models.backbones.plain_unet import PlainUNet

NARROW = (4, 8, 16, 32, 32)


def test_features_from_coarse_to_fine():
    shapes = [tuple(f.shape) for f in PlainUNet()(torch.zeros(2, 3, 16, 32))]
    assert shapes == [
        (2, 512, 1, 2),
        (2, 256, 2, 4),
        (2, 128, 4, 8),
        (2, 64, 8, 16),
        (2, 64, 16, 32),
    ]


def test_an_odd_image_keeps_its_size():
    network = PlainUNet(channels=NARROW).eval()
    assert network(torch.zeros(1, 3, 37, 50))[-1].shape == (1, 4, 37, 50)


def test_what_pooling_cut_off_is_filled_with_zeros_behind():
    network = PlainUNet(channels=(4, 8)).eval()
    network.up[0] = nn.Identity()  # shows what is joined
    joined = network(torch.randn(1, 3, 5, 4))[-1]
    # 5 rows are pooled to 2, which are doubled to 4
    assert joined.shape == (1, 4 + 8, 5, 4)
    assert not joined[:, 4:, 4].any() and joined[:, 4:, :4].any()


def test_skips_come_first_and_carry_the_finest_features():
    network = PlainUNet(channels=NARROW).eval()
    finest = []
    network.down[0].register_forward_hook(lambda *call: finest.append(call[-1]))
    network.up[-1] = nn.Identity()
    joined = network(torch.randn(1, 3, 16, 16))[-1]
    assert torch.equal(joined[:, :4], finest[0])


def test_sizes_that_cannot_be_halved_and_single_levels_are_refused():
    with pytest.raises(ValueError, match='at least 16 x 16 px, got 40 x 15'):
        PlainUNet(channels=NARROW)(torch.zeros(1, 3, 15, 40))
    with pytest.raises(ValueError, match='two or more resolutions'):
        PlainUNet(channels=(8,))
