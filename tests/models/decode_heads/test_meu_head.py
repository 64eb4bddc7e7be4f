"""Levels of FPENet's decoder gate each other."""

import pytest
import torch
from torch import nn

pytest.importorskip('mmseg')

from ssltoolbox.compat import prepare_segmentation  # noqa: E402

prepare_segmentation()

from ssltoolbox.models.decode_heads.meu_head import (  # noqa: E402
    MEUHead,
    MutualEmbeddingUpsample,
)
from ssltoolbox.registry import MODELS  # noqa: E402

from ...golden.semiseg.fill import build_model  # noqa: E402

LOSS = dict(type='mmseg.CrossEntropyLoss')


def step():
    torch.manual_seed(0)
    return MutualEmbeddingUpsample(6, 4, 8, dict(type='BN'), True).eval()


def test_the_fine_map_decides_the_size():
    assert step()(torch.randn(2, 6, 3, 5), torch.randn(2, 4, 5, 9)).shape == (
        2, 8, 5, 9,
    )  # fmt: skip


def test_without_gates_both_maps_weigh_a_half():
    up = step()
    nn.init.zeros_(up.places.weight)
    nn.init.zeros_(up.kinds.weight)
    coarse, fine = torch.randn(1, 6, 1, 1), torch.randn(1, 4, 3, 3)
    expected = (up.coarse(coarse) + up.fine(fine)) / 2
    assert torch.allclose(up(coarse, fine), expected, atol=1e-6)


def test_channels_of_the_fine_map_weigh_at_least_a_half():
    up = step()
    nn.init.constant_(up.kinds.weight, -100)
    nn.init.constant_(up.places.weight, 0)
    coarse, fine = torch.rand(1, 6, 2, 2), torch.randn(1, 4, 2, 2)
    nn.init.constant_(up.coarse.conv.weight, 1)  # a positive mean, hence a gate < 0
    expected = (up.coarse(coarse) + up.fine(fine)) / 2
    assert torch.allclose(up(coarse, fine), expected, atol=1e-6)


def test_found_by_its_name_and_gives_logits_of_the_finest_map():
    head = MODELS.build(
        dict(type='ssltoolbox.MEUHead', num_classes=3, loss_decode=LOSS)
    ).eval()
    assert isinstance(head, MEUHead)
    maps = [
        torch.randn(1, 16, 9, 7),
        torch.randn(1, 32, 5, 4),
        torch.randn(1, 64, 3, 2),
    ]
    assert head(maps).shape == (1, 3, 9, 7)


@pytest.mark.parametrize('size', [(64, 64), (65, 63), (47, 31)])
def test_logits_have_the_size_of_the_image_even_of_an_odd_one(size):
    network = build_model('fpenet').eval()
    with torch.no_grad():
        sample = network.predict(torch.zeros(1, 3, *size))[0]
    assert sample.seg_logits.shape == size


def test_steps_and_maps_must_fit():
    with pytest.raises(ValueError, match='1 entries of channels for 3 of in_channels'):
        MEUHead(channels=(32,), num_classes=2, loss_decode=LOSS)
