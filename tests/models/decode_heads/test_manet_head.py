"""Gates, steps of the decoder, and which images and backbones fit."""

import pytest
import torch

pytest.importorskip('mmseg')

from ssltoolbox.models.decode_heads.manet_head import (  # noqa: E402
    ChannelGate,
    MANetHead,
    UpBlock,
)

from .settings import WIDTHS, images, small  # noqa: E402

RESNET = dict(type='mmseg.ResNet', depth=18, base_channels=8, stem_channels=8)


def test_a_gate_without_weights_is_a_half():
    gate = ChannelGate(32)
    assert [gate[1].out_channels, ChannelGate(8)[1].out_channels] == [2, 1]
    torch.nn.init.zeros_(gate[3].weight)
    torch.nn.init.zeros_(gate[3].bias)
    assert torch.equal(gate(torch.rand(2, 32, 3, 3)), torch.full((2, 32, 1, 1), 0.5))


def test_gates_are_added_and_act_on_the_coarse_features_alone():
    block = UpBlock(2, 2, 1)
    block.convs = torch.nn.Identity()
    block.match = torch.nn.Identity()
    for gate, value in ((block.coarse_gate, 0.25), (block.fine_gate, 1.0)):
        gate.forward = lambda x, value=value: x.new_full((1, 2, 1, 1), value)
    coarse, fine = torch.rand(1, 2, 2, 2), torch.rand(1, 2, 4, 4)
    made = block(coarse, fine)
    enlarged = coarse.repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert torch.equal(made, torch.cat([1.25 * enlarged, fine], 1))


def test_images_that_fit():
    network = small('manet').eval()
    with torch.no_grad():
        assert network(images(1, 96, 64)).shape[-2:] == (96, 64)
        with pytest.raises(
            ValueError, match='multiples of 32 px and at least 32 px, .* 96 x 144 px'
        ):
            network(images(1, 144, 96))


def test_four_maps_are_enough():
    network = small('manet', RESNET, in_channels=WIDTHS).eval()
    # the two last steps have no finer features to join
    assert [hasattr(b, 'fine_gate') for b in network.decode_head.blocks] == [
        True, True, True, False, False,
    ]  # fmt: skip
    with torch.no_grad():
        assert network(images(1, 64, 64)).shape[-2:] == (64, 64)


def test_a_backbone_that_does_not_shrink_its_last_map_is_told():
    dilated = dict(RESNET, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2))
    network = small('manet', dilated, in_channels=WIDTHS).eval()
    with pytest.raises(ValueError, match='strides of the backbone .* by 2, 2, 2$'):
        network(images(1, 64, 64))


def test_too_few_steps_are_refused():
    with pytest.raises(ValueError, match='2 decoder_channels for 4 feature maps'):
        MANetHead(WIDTHS, (8, 8), num_classes=2, out_channels=2)


def test_positions_are_kept_on_demand():
    scrambled, kept = (
        small('manet', keep_positions=keep).eval() for keep in (False, True)
    )
    kept.load_state_dict(scrambled.state_dict())
    assert kept.decode_head.attention.keep_positions
    with torch.no_grad():
        assert not torch.equal(scrambled(images(1)), kept(images(1)))
