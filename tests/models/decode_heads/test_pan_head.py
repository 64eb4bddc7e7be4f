"""Gates of single parts, and which images fit."""

import pytest
import torch

pytest.importorskip('mmseg')

from ssltoolbox.models.decode_heads.pan_head import (  # noqa: E402
    AttentionUpsample,
    PyramidAttention,
)

from .settings import constant, images, small  # noqa: E402

CONV = dict(bias=True, norm_cfg=dict(type='BN'))


def test_features_are_multiplied_by_one_map_and_the_context_is_added():
    block = PyramidAttention(2, 3, **CONV).eval()
    x = torch.rand(1, 2, 9, 8)
    for conv in (*block.down, *block.across):
        constant(conv, conv__weight=0, conv__bias=0, bn__bias=0)
    context = block.context(x).expand(1, 3, 9, 8)
    assert torch.allclose(block(x), context)
    # three scales of 1, of which each adds 1 to what comes from below
    for conv in block.across:
        constant(conv, bn__bias=1)
    assert torch.allclose(block(x), 3 * block.mid(x) + context)


def test_coarse_features_weigh_the_channels_of_fine_ones():
    block = AttentionUpsample(2, 3, **CONV).eval()
    fine, coarse = torch.rand(1, 2, 5, 5), torch.rand(1, 3, 3, 3)
    constant(block, gate__1__conv__weight=0, gate__1__conv__bias=0)
    made = block(fine, coarse)
    halves = made - 0.5 * block.reduce(fine)
    # corner to corner: cells 0, 2 and 4 of the fine map are cells 0, 1 and 2
    assert torch.allclose(halves[..., ::2, ::2], coarse, atol=1e-6)


def test_images_that_fit():
    network = small('pan').eval()
    with torch.no_grad():
        assert network(images(1, 144, 128)).shape[-2:] == (36, 32)
        for height, width, told in ((120, 150, '152 x 120'), (96, 96, '96 x 96')):
            with pytest.raises(
                ValueError,
                match=f'multiples of 16 px and at least 128 px, got .* {told} px',
            ):
                network(images(1, height, width))


def test_a_backbone_of_stride_32_needs_larger_images():
    stride = dict(type='mmseg.ResNet', depth=18, base_channels=8, stem_channels=8)
    network = small('pan', stride).eval()
    with torch.no_grad():
        assert network(images(1, 256, 256)).shape[-2:] == (64, 64)
        with pytest.raises(ValueError, match='multiples of 32 px and at least 256 px'):
            network(images(1, 144, 256))
