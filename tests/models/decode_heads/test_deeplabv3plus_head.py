"""mmseg's head but for a smaller bottleneck and the place of its dropout."""

import pytest
import torch
from torch import nn

pytest.importorskip('mmseg')

from mmseg.models.decode_heads import DepthwiseSeparableASPPHead  # noqa: E402

from ssltoolbox.models.decode_heads.deeplabv3plus_head import (  # noqa: E402
    DeepLabV3PlusHead,
)

CONFIG = dict(
    in_channels=8,
    channels=4,
    c1_in_channels=6,
    c1_channels=2,
    dilations=(1, 2, 3),
    norm_cfg=dict(type='BN'),
    num_classes=3,
    loss_decode=dict(type='mmseg.CrossEntropyLoss'),  # whatever the default scope is
    align_corners=True,
)


def test_equals_that_of_mmseg_whose_bottleneck_has_a_centre_alone():
    torch.manual_seed(0)
    ours = DeepLabV3PlusHead(**CONFIG).eval()
    theirs = DepthwiseSeparableASPPHead(**CONFIG).eval()
    weights = {
        key.replace('bottleneck.0.', 'bottleneck.')
        if key.startswith('bottleneck')
        else key: value
        for key, value in ours.state_dict().items()
    }
    key = 'bottleneck.conv.weight'
    weights[key] = nn.functional.pad(weights[key], (1, 1, 1, 1))
    theirs.load_state_dict(weights)
    maps = torch.rand(2, 6, 12, 12), torch.rand(2, 8, 3, 3)
    assert torch.allclose(ours(maps), theirs(maps), atol=1e-6)


def test_channels_of_the_pyramid_are_dropped_and_nothing_later():
    head = DeepLabV3PlusHead(**CONFIG, dropout_ratio=0.3)
    dropouts = [m for m in head.modules() if isinstance(m, nn.Dropout2d)]
    assert dropouts == [head.bottleneck[1]] and dropouts[0].p == 0.3
    assert head.dropout is None


def test_the_fine_map_can_be_left_out():
    head = DeepLabV3PlusHead(**{**CONFIG, 'c1_in_channels': 0}).eval()
    maps = torch.rand(2, 6, 12, 12), torch.rand(2, 8, 3, 3)
    assert head(maps).shape == (2, 3, 3, 3)
