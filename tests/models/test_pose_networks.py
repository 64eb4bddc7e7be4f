"""The networks of PoseDual, as our base configs describe them."""

from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope

from ssltoolbox.apis.config import load_config
from ssltoolbox.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs/_base_/models'
NO_DOWNLOADS = dict(backbone_init=None, peer_init=None)
SIZES = {
    'pose-resnet18': 15_378_520,
    'pose-resnet50': 34_001_496,
    'pose-resnet101': 52_993_624,
    'pose-resnet152': 68_637_272,
    'pose-hrnet-w48': 63_596_088,
}


def read(name, **options):
    return load_config(CONFIGS / f'{name}.py', options=options)


def build(student, device='meta'):
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device(device):
        return MODELS.build(student)


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize('name', SIZES)
def test_networks_have_the_published_size(name):
    network = build(read(name, **NO_DOWNLOADS).student)
    assert count(network) == SIZES[name]
    # 256 or 48 channels to 24 joints, with a bias each
    width = 48 if 'hrnet' in name else 256
    assert count(network.head.final_layer) == (width + 1) * 24
    momenta = {m.momentum for m in network.modules() if hasattr(m, 'momentum')}
    assert momenta == {0.1}


@pytest.mark.parametrize(
    ('name', 'maps'),
    [
        ('pose-resnet18', (24, 64, 48)),
        ('pose-resnet18_256x256', (24, 64, 64)),
        ('pose-resnet152', (24, 64, 48)),
        ('pose-hrnet-w48', (24, 96, 72)),
    ],
)
def test_maps_have_a_quarter_of_the_input_and_the_size_of_the_codec(name, maps):
    config = read(name, **NO_DOWNLOADS)
    w, h = config.codec.input_size
    inputs = torch.zeros(1, 3, h, w, device='meta')
    assert build(config.student)(inputs, None).shape[1:] == maps
    assert tuple(config.codec.heatmap_size) == maps[:0:-1] == (w // 4, h // 4)
    assert config.codec.sigma == (3 if name == 'pose-hrnet-w48' else 2)


def test_the_two_networks_start_from_different_weights_where_published():
    small = read('pose-resnet18')
    assert small.student.backbone.init_cfg == small.backbone_init
    assert small.peer_init.checkpoint != small.backbone_init.checkpoint
    for name in ('pose-resnet18_256x256', *list(SIZES)[1:]):
        config = read(name)
        assert config.peer_init == config.backbone_init, name


@pytest.mark.parametrize('name', ['pose-resnet101', 'pose-resnet152'])
def test_weights_are_those_of_the_depth(name):
    depth = name.removeprefix('pose-resnet')
    assert f'/resnet{depth}-' in read(name).backbone_init.checkpoint


def test_without_files_a_network_starts_from_random_weights():
    options = {**NO_DOWNLOADS, 'student.head.deconv_out_channels': [8, 8, 8]}
    network = build(read('pose-resnet18', **options).student, 'cpu')
    network.init_weights()
    final = network.head.final_layer
    assert final.weight.std().item() == pytest.approx(0.001, rel=0.3)
    assert not final.bias.any()
