"""Checkpoints of the original PoseDual code become ours, or are refused."""

import importlib.util
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch.nn import functional as F

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.convert import empty_network, report
from ssltoolbox.apis.model import load_model
from ssltoolbox.registry import MODELS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / 'configs/_base_/models'
TOOL = ROOT / 'tools/model_converters/posedual.py'
BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 152: (3, 8, 36, 3)}


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('posedual_converter', TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def norm(name, width):
    shapes = {f'{name}.{part}': (width,) for part in ('weight', 'bias')}
    shapes |= {f'{name}.running_{part}': (width,) for part in ('mean', 'var')}
    return shapes | {f'{name}.num_batches_tracked': ()}


def backbone_shapes(depth):
    """Names and shapes of a ResNet, as the original (and torchvision) writes them."""
    deep = depth >= 50
    shapes = {'conv1.weight': (64, 3, 7, 7)} | norm('bn1', 64)
    width = 64
    for stage, count in enumerate(BLOCKS[depth]):
        inside = 64 * 2**stage
        out = inside * (4 if deep else 1)
        for block in range(count):
            name = f'layer{stage + 1}.{block}'
            sizes = [(inside, width, 3), (out, inside, 3)]
            if deep:
                sizes = [(inside, width, 1), (inside, inside, 3), (out, inside, 1)]
            for i, (to, of, side) in enumerate(sizes, 1):
                shapes[f'{name}.conv{i}.weight'] = (to, of, side, side)
                shapes |= norm(f'{name}.bn{i}', to)
            if width != out:
                shapes[f'{name}.downsample.0.weight'] = (out, width, 1, 1)
                shapes |= norm(f'{name}.downsample.1', out)
            width = out
    return shapes


def pose_shapes(depth, final):
    width = 2048 if depth >= 50 else 512
    shapes = backbone_shapes(depth)
    for i in range(0, 9, 3):
        shapes[f'deconv_layers.{i}.weight'] = (width if i == 0 else 256, 256, 4, 4)
        shapes |= norm(f'deconv_layers.{i + 1}', 256)
    return shapes | {f'{final}.weight': (24, 256, 1, 1), f'{final}.bias': (24,)}


def hrnet_shapes():
    state = empty_network(CONFIGS / 'pose-hrnet-w48.py', 24).state_dict()
    return {key.split('.', 1)[1]: tuple(value.shape) for key, value in state.items()}


def named(shapes, *prefixes):
    """Weights without memory, under each of the prefixes."""
    return {
        prefix + key: torch.empty(shape, device='meta')
        for prefix in prefixes
        for key, shape in shapes.items()
    }


def random_weights(shapes, seed):
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for key, shape in shapes.items():
        if key.endswith('num_batches_tracked'):
            weights[key] = torch.tensor(9)
        elif len(shape) == 4:
            fan = shape[1] * shape[2] * shape[3]
            value = torch.randn(shape, generator=generator)
            weights[key] = value * (2 / fan) ** 0.5
        else:
            weights[key] = torch.rand(shape, generator=generator) + 0.5
    return weights


def original_resnet18(w, x, final):
    """PoseResNet-18 in plain torch, over the original's names."""

    def norm(x, name):
        names = ('running_mean', 'running_var', 'weight', 'bias')
        return F.batch_norm(x, *(w[f'{name}.{part}'] for part in names))

    x = F.conv2d(x, w['conv1.weight'], stride=2, padding=3)
    x = F.max_pool2d(norm(x, 'bn1').relu(), 3, 2, 1)
    for stage in range(1, 5):
        for block in range(2):
            name = f'layer{stage}.{block}'
            stride = 2 if stage > 1 and block == 0 else 1
            y = F.conv2d(x, w[f'{name}.conv1.weight'], stride=stride, padding=1)
            y = F.conv2d(
                norm(y, f'{name}.bn1').relu(), w[f'{name}.conv2.weight'], padding=1
            )
            if f'{name}.downsample.0.weight' in w:
                x = F.conv2d(x, w[f'{name}.downsample.0.weight'], stride=stride)
                x = norm(x, f'{name}.downsample.1')
            x = (norm(y, f'{name}.bn2') + x).relu()
    for i in range(0, 9, 3):
        weight = w[f'deconv_layers.{i}.weight']
        x = F.conv_transpose2d(x, weight, stride=2, padding=1)
        x = norm(x, f'deconv_layers.{i + 1}').relu()
    return F.conv2d(x, w[f'{final}.weight'], w[f'{final}.bias'])


def config_of(dual):
    base = load_config(CONFIGS / 'pose-resnet18.py', options={'backbone_init': None})
    model = base.student
    if dual:
        model = dict(student=model, teacher=dict(type='ssltoolbox.PeerTeacher'))
    return Config(dict(model=model))


@torch.no_grad()
def test_both_networks_predict_as_the_original(tool, tmp_path, capsys):
    shapes = pose_shapes(18, 'final_layer_1')
    pair = [random_weights(shapes, seed) for seed in range(2)]
    state = OrderedDict()
    for prefix, weights in zip(('resnet.', 'resnet2.'), pair, strict=True):
        state |= {f'module.{prefix}{key}': value for key, value in weights.items()}
    content = dict(epoch=30, model='pose_dual', state_dict=state, perf=np.float64(0.41))
    source, target = tmp_path / 'checkpoint.pth.tar', tmp_path / 'new/posedual.pth'
    torch.save(content, source)
    tool.main([str(source), str(target), '--bgr'])
    said = capsys.readouterr().out
    assert '2 x pose-resnet18: 280 keys read, 280 mapped, 0 dropped' in said
    assert 'student.data_preprocessor.bgr_to_rgb=False' in said
    meta = torch.load(target, weights_only=True)['meta']
    assert (meta['epoch'], meta['perf'], meta['bgr_to_rgb']) == (30, 0.41, False)
    assert meta['source'] == 'checkpoint.pth.tar'

    x = torch.randn(1, 3, 64, 64)
    expected = [original_resnet18(w, x, 'final_layer_1') for w in pair]
    for which, maps in zip(('net1', 'net2'), expected, strict=True):
        network, _ = load_model(config_of(dual=True), target, which)
        ours = network(x, None)
        assert ours.std() > 1e-3 and torch.allclose(ours, maps, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(*expected, rtol=0.1)


@torch.no_grad()
def test_the_network_of_posecons_becomes_a_plain_one(tool, tmp_path, capsys):
    weights = random_weights(pose_shapes(18, 'final_layer'), seed=0)
    source, target = tmp_path / 'model_best.pth.tar', tmp_path / 'cons.pth'
    torch.save({f'resnet.{key}': value for key, value in weights.items()}, source)
    tool.main([str(source), str(target), '--verbose'])
    said = capsys.readouterr().out.splitlines()
    assert 'resnet.final_layer.bias -> head.final_layer.bias' in said
    assert len([line for line in said if ' -> ' in line]) == 140
    assert 'convert what the original program trained' in said[-2]
    x = torch.randn(1, 3, 64, 64)
    network, _ = load_model(config_of(dual=False), target)
    expected = original_resnet18(weights, x, 'final_layer')
    assert torch.allclose(network(x, None), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ('shapes', 'architecture'),
    [
        (pose_shapes(50, 'final_layer_1'), 'pose-resnet50'),
        (pose_shapes(152, 'final_layer_1'), 'pose-resnet152'),
        (hrnet_shapes(), 'pose-hrnet-w48'),
    ],
)
def test_other_networks(tool, shapes, architecture):
    pair = tool.convert(named(shapes, 'resnet.', 'resnet2.'))
    assert pair.architecture == f'2 x {architecture}'
    single = tool.convert(named(shapes, ''))
    assert single.architecture == architecture
    for prefix in ('student.', 'teacher.model.'):
        assert {prefix + key for key in single.weights} <= pair.weights.keys()
    assert len(pair.weights) == 2 * len(single.weights) == 2 * len(shapes)


def test_imagenet_weights_become_backbones(tool, tmp_path):
    """Of both networks in one file, each to be found under its own prefix."""
    weights = {}
    for seed, prefix in enumerate(('resnet.', 'resnet2.')):
        found = random_weights(backbone_shapes(18), seed)
        weights |= {prefix + key: value for key, value in found.items()}
    weights['resnet.fc.weight'] = torch.ones(1000, 512)
    source, target = tmp_path / 'both.pth', tmp_path / 'init.pth'
    torch.save(weights, source)
    tool.main([str(source), str(target)])
    assert '1 dropped' in report(tool.convert(weights), verbose=False)

    student = load_config(CONFIGS / 'pose-resnet18.py').student
    with DefaultScope.overwrite_default_scope('mmpose'):
        for theirs, ours in tool.PLACES.items():
            init = dict(
                type='Pretrained', checkpoint=str(target), prefix=f'{ours}backbone.'
            )
            backbone = MODELS.build({**student.backbone, 'init_cfg': init})
            backbone.init_weights()
            for key, value in backbone.state_dict().items():
                assert torch.equal(value, weights[theirs + key]), key


DUAL = named(pose_shapes(18, 'final_layer_1'), 'resnet.', 'resnet2.')
FIRST = {key: value for key, value in DUAL.items() if key.startswith('resnet.')}
SECOND = {key: value for key, value in DUAL.items() if key.startswith('resnet2.')}
CONS = named(pose_shapes(18, 'final_layer'), 'resnet.')


def without(key):
    return {k: v for k, v in DUAL.items() if k != key}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (
            FIRST,
            'two networks, "resnet." and "resnet2.", but all keys start with "resn',
        ),
        (SECOND, r'but all keys start with "resnet2\."'),
        (dict(model='pose_dual', state_dict=CONS), 'the file is not whole'),
        (
            without('resnet2.bn1.bias'),
            r'"resnet2.": .*bn1.bias: expected \[64\], got nothing',
        ),
        (without('resnet2.layer4.1.conv2.weight'), 'conv2.weight: expected'),
        (without('resnet.final_layer_1.weight'), 'this one has neither'),
        (DUAL | {'resnet.final_layer.weight': torch.ones(9, 9, 1, 1)}, 'has both'),
        (DUAL | {'resnet3.conv1.weight': torch.ones(1)}, "'resnet3.conv1.weight' belo"),
        (
            DUAL | {'resnet.refine.bias': torch.ones(1)},
            "'refine.bias' is no key of pos",
        ),
        (DUAL | {'resnet.bn1.bias': torch.ones(3)}, r'expected \[64\], got \[3\]'),
        (FIRST | named(pose_shapes(50, 'final_layer_1'), 'resnet2.'), 'differ: pose-'),
        (FIRST | named(backbone_shapes(18), 'resnet2.'), 'and pose-resnet18 backbone'),
        ({'student.a': torch.ones(1)}, 'start with "student.": this is a checkpoint'),
        ({'encoder.weight': torch.ones(1)}, 'no network of the original code'),
        (named(hrnet_shapes(), '') | {'transition1.0.0.weight': torch.ones(32)}, 'W32'),
        ({'epoch': 3}, 'holds no weights'),
    ],
)
def test_what_does_not_fit_is_refused(tool, content, message):
    with pytest.raises(ValueError, match=message):
        tool.convert(content)
