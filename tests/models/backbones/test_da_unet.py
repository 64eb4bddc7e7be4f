"""DAUNet has the published size, attends, and draws one slope per iteration."""

import math

import pytest
import torch
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.engine.hooks.iteration_seed import seed_everything
from ssltoolbox.models.backbones.da_unet import DAUNet, training_slope
from ssltoolbox.registry import MODELS


def tiny(**options):
    return DAUNet(**{'base_channels': 8, 'dropout': 0.0, **options})


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(('outputs', 'parameters'), [(9, 2_096_491), (4, 2_096_166)])
def test_published_size(outputs, parameters):
    with torch.device('meta'):
        assert count(DAUNet()) + count(nn.Conv2d(64, outputs, 1)) == parameters


def test_features_from_coarse_to_fine():
    shapes = [tuple(f.shape) for f in tiny().eval()(torch.zeros(2, 3, 16, 24))]
    assert shapes == [(2, 32, 4, 6), (2, 16, 8, 12), (2, 8, 16, 24)]


def test_another_number_of_levels():
    features = tiny(levels=2).eval()(torch.zeros(1, 3, 6, 10))
    assert [f.shape[1:] for f in features] == [(16, 3, 5), (8, 6, 10)]
    with pytest.raises(ValueError, match='levels of at least 2, got 1'):
        tiny(levels=1)


def test_attention_is_a_map_between_0_and_1_that_multiplies_features():
    net = tiny().eval()
    x = torch.randn(2, 3, 16, 24)
    features, (half, full) = net.attend(x)
    assert half.shape == (2, 1, 8, 12) and full.shape == (2, 1, 16, 24)
    for attention in (half, full):
        assert 0 <= attention.min() < attention.max() <= 1
    assert all(torch.equal(a, b) for a, b in zip(features, net(x), strict=True))
    # no attention at all: what remains does not depend on the image
    last = net.up[0].attention.convs[2]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, -1e4)
    assert not net.attend(x)[1][1].any()
    assert torch.equal(net(x)[-1], net(torch.randn_like(x))[-1])


@pytest.mark.parametrize('size', [(18, 24), (16, 22), (17, 23)])
def test_sides_that_are_no_multiples_of_4_are_refused(size):
    with pytest.raises(
        ValueError, match=rf'multiples of 4 px, got {size[1]} x {size[0]}'
    ):
        tiny()(torch.zeros(1, 3, *size))


def test_one_slope_for_all_networks_and_passes_of_an_iteration():
    student, teacher = tiny(), tiny()
    teacher.load_state_dict(student.state_dict())
    x = torch.randn(1, 3, 16, 16)
    seed_everything(3, 7)
    before = torch.get_rng_state()
    first = student(x)[-1]
    assert torch.equal(torch.get_rng_state(), before), 'no random number is consumed'
    torch.rand(5)
    assert torch.equal(student(x)[-1], first)
    assert torch.equal(teacher(x)[-1], first)
    seed_everything(3, 8)
    assert not torch.equal(student(x)[-1], first)


def test_the_slope_is_fixed_in_evaluation():
    net, x = tiny().eval(), torch.randn(1, 3, 16, 16)
    torch.manual_seed(1)
    first = net(x)[-1]
    torch.manual_seed(2)
    assert torch.equal(net(x)[-1], first)
    # features are outputs of the activation: the slope is between its ends
    train = net.train()(x)[-1]
    assert not torch.equal(train, first)


def test_slopes_are_reciprocals_of_uniform_numbers():
    numbers = [1 / training_slope(seed) for seed in range(2000)]
    assert min(numbers) >= 3 and max(numbers) <= 8
    assert sum(numbers) / 2000 == pytest.approx(5.5, abs=0.1)


def test_dropout_drops_single_values_in_training_only():
    block = DAUNet(base_channels=8, dropout=0.3).down[0][0]
    assert type(block.dropout) is nn.Dropout and block.dropout.p == 0.3
    net, x = tiny(dropout=0.5), torch.randn(1, 3, 16, 16)
    torch.manual_seed(0)
    assert not torch.equal(net(x)[-1], net(x)[-1])
    net.eval()
    assert torch.equal(net(x)[-1], net(x)[-1])


def test_fresh_weights_are_those_published():
    torch.manual_seed(0)
    net = DAUNet()
    net.init_weights()
    cases = [
        (net.down[0][1].conv, 64),
        (net.down[2][0].conv, 256),
        (net.up[1].deconv, 256),
        (net.up[1].blocks[1].conv, 256),
        (net.up[0].blocks[0].conv, 128),
    ]
    for layer, width in cases:
        std = math.sqrt(2 / (9 * width))
        assert layer.weight.abs().max() <= 2 * std
        # a normal distribution cut at two deviations has 0.88 of its deviation
        assert layer.weight.std().item() == pytest.approx(0.88 * std, rel=0.03)
        assert (layer.bias == 0.1).all()
    first = net.up[1].attention.convs[0]
    limit = math.sqrt(6 / (9 * (256 + 64)))
    assert 0.95 * limit < first.weight.max() <= limit and not first.bias.any()
    norms = [m for m in net.modules() if isinstance(m, nn.GroupNorm)]
    assert {(n.num_groups, n.eps) for n in norms} == {(32, 1e-6)} and len(norms) == 10
    assert all((n.weight == 1).all() and not n.bias.any() for n in norms)


def test_given_weights_are_not_drawn(tmp_path):
    net = tiny()
    torch.save({'state_dict': net.state_dict()}, tmp_path / 'net.pth')
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'net.pth'))
    again = tiny(init_cfg=init)
    again.init_weights()
    for key, value in net.state_dict().items():
        assert torch.equal(value, again.state_dict()[key])


def test_groups_fit_the_channels():
    assert DAUNet(base_channels=8).down[0][0].norm.num_groups == 8
    assert DAUNet(base_channels=24).down[0][0].norm.num_groups == 8


def test_backbone_of_a_segmentor():
    pytest.importorskip('mmseg')
    prepare_segmentation()
    head = dict(type='FCNHead', in_channels=8, channels=4, num_classes=3, num_convs=1)
    head['norm_cfg'] = dict(type='BN')
    with DefaultScope.overwrite_default_scope('mmseg'):
        net = MODELS.build(
            dict(
                type='EncoderDecoder',
                backbone=dict(type='ssltoolbox.DAUNet', base_channels=8),
                decode_head=head,
                test_cfg=dict(mode='whole'),
            )
        )
    assert net.eval()(torch.zeros(1, 3, 16, 24)).shape == (1, 3, 16, 24)
