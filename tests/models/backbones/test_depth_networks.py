"""Networks of depth: sizes, and memory traded for time without any other difference."""

import pytest
import torch

from ssltoolbox.models.backbones.depth_unet import DepthUNet
from ssltoolbox.models.backbones.fc_densenet import LAYERS, FCDenseNet
from ssltoolbox.models.heads.depth_head import DepthHead
from ssltoolbox.registry import MODELS

SMALL = dict(
    depth=None, down_layers=(2, 1), middle_layers=2, growth=4, first_channels=6
)
COUNTS = {57: 1_374_865, 67: 3_460_353, 103: 9_319_521}


def parameters(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def small(seed=0, **fields):
    torch.manual_seed(seed)
    return FCDenseNet(**{**SMALL, **fields})


@pytest.mark.parametrize('depth', LAYERS)
def test_parameters_are_the_published_ones(depth):
    with torch.device('meta'):
        network = FCDenseNet(depth)
        head = DepthHead(network.out_channels)
    assert parameters(network, head) == COUNTS[depth]


def test_parameters_of_the_teacher_are_the_published_ones():
    with torch.device('meta'):
        network = DepthUNet()
        assert parameters(network, DepthHead(network.out_channels)) == 8_652_985


@pytest.mark.parametrize('network', [small(), DepthUNet(3, 4)], ids=['dense', 'unet'])
def test_features_have_the_resolution_of_the_input(network):
    (features,) = network(torch.rand(2, 3, 8, 12))
    assert features.shape == (2, network.out_channels, 8, 12)
    assert DepthHead(network.out_channels)((features,)).shape == (2, 1, 8, 12)
    with pytest.raises(ValueError, match='multiples of 4, got 8 x 10'):
        network(torch.rand(1, 3, 8, 10))


def test_layers_see_the_input_and_all_before_them():
    network = small()
    block = network.down[0]
    assert [layer[0].num_features for layer in block.layers] == [6, 10]
    # up: new of the block below, skip, new
    assert network.out_channels == 4 + (6 + 8) + 8
    assert len(network.down) == len(network.up) == 2


def test_checkpointing_changes_no_bit():
    plain, spared = small(), small(with_cp=True)
    x = torch.rand(2, 3, 8, 8)
    for network in (plain, spared):
        network.train()
        for _ in range(2):  # statistics must move once per step
            (features,) = network(x)
            features.square().mean().backward()
    for ours, theirs in zip(plain.parameters(), spared.parameters(), strict=True):
        assert torch.equal(ours.grad, theirs.grad)
    for ours, theirs in zip(plain.buffers(), spared.buffers(), strict=True):
        assert torch.equal(ours, theirs)
    assert int(plain.down[0].layers[0][0].num_batches_tracked) == 2


def test_checkpointing_keeps_less():
    def kept(network):
        seen = {}

        def note(tensor):
            seen[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(note, lambda t: t):
            network.train()(torch.rand(1, 3, 32, 32))
        return sum(seen.values())

    assert kept(small(with_cp=True)) < 0.6 * kept(small())


def test_weights_start_as_kaiming_has_them():
    for network in (FCDenseNet(**SMALL), DepthUNet(3, 16)):
        network.init_weights()
        convs = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
        assert all((conv.bias == 0).all() for conv in convs)
        big = max(convs, key=lambda conv: conv.weight.numel())
        expected = (2 / big.weight[0].numel()) ** 0.5
        assert big.weight.std().item() == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize(
    'config, message',
    [
        (dict(type='ssltoolbox.FCDenseNet', depth=50), 'depth 57, 67 or 103, got 50'),
        (dict(type='ssltoolbox.DepthUNet', depth=1), 'depth of 2 or more, got 1'),
    ],
)
def test_other_depths_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(config)
