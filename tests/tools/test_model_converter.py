"""Checkpoints of the original ScarceNet code become mmpose checkpoints."""

import collections
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.convert import report
from ssltoolbox.checkpoints import loading as safe_loading
from ssltoolbox.models.heads.joint_specific_head import to_separate
from ssltoolbox.registry import MODELS

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools/model_converters/scarcenet.py'


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('scarcenet_converter', TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def build(name):
    student = load_config(ROOT / f'configs/_base_/models/{name}.py').student
    student.backbone.init_cfg = None
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device('meta'):
        return MODELS.build(student)


def numbered(state):
    """Weights whose values tell them apart."""
    return {
        key: torch.full(value.shape, index % 89, dtype=value.dtype)
        for index, (key, value) in enumerate(state.items())
    }


@pytest.fixture(scope='module')
def plain():
    """Weights under the names of the original plain network, and under ours."""
    ours = numbered(build('pose-hrnet-w32').state_dict())
    return {k.split('.', 1)[1]: v for k, v in ours.items()}, ours


@pytest.fixture(scope='module')
def part():
    """The same for the joint-specific network."""
    state = build('pose-hrnet-w32_joint-specific').state_dict()
    ours = {
        key: torch.randn(value.shape) if value.ndim else torch.tensor(7)
        for key, value in state.items()
    }
    original = {
        key.removeprefix('backbone.'): value
        for key, value in ours.items()
        if key.startswith('backbone.')
    }
    branches = {
        key.removeprefix('head.branches.'): value
        for key, value in ours.items()
        if key.startswith('head.branches.')
    }
    for joint, branch in enumerate(to_separate(branches, 17)):
        original |= {f'part_layers.{joint}.{k}': v for k, v in branch.items()}
    return original, ours


def same(weights, expected):
    assert weights.keys() == expected.keys()
    return all(torch.equal(weights[key], expected[key]) for key in expected)


def test_plain_network(tool, plain):
    original, ours = plain
    converted = tool.convert(original)
    assert converted.architecture == 'pose_hrnet'
    assert same(converted.weights, ours)
    assert report(converted, verbose=False) == (
        'pose_hrnet: 1754 keys read, 1754 mapped, 0 dropped, loads strictly'
    )


def test_joint_specific_network(tool, part):
    original, ours = part
    assert original['part_layers.16.1.downsample.0.weight'].shape == (128, 32, 1, 1)
    converted = tool.convert(original)
    assert converted.architecture == 'pose_hrnet_part'
    assert same(converted.weights, ours)
    table = report(converted, verbose=True).splitlines()
    assert len(table) == 2228 + 1
    line = 'part_layers.3.2.bias -> head.branches.2.bias  (joint 3)'
    assert line in table


def test_joints_are_ordered_by_number(tool, part):
    """As text, ``part_layers.10`` comes before ``part_layers.2``."""
    original, ours = part
    shuffled = dict(sorted(original.items()))
    assert same(tool.convert(shuffled).weights, ours)


def imagenet(original):
    weights = {k: v for k, v in original.items() if not k.startswith('final_layer')}
    for key in (
        'incre_modules.0.0.conv1.weight',
        'downsamp_modules.0.0.bias',
        'final_layer.0.weight',
        'stage4.2.fuse_layers.1.0.0.0.weight',
    ):
        weights[key] = torch.ones(2)
    return weights | {'classifier.weight': torch.ones(1000, 2048)}


def test_imagenet_weights_become_a_backbone(tool, plain, tmp_path, capsys):
    original, ours = plain
    torch.save(imagenet(original), tmp_path / 'hrnet.pth')
    target = tmp_path / 'models/imagenet.pth'
    tool.main([str(tmp_path / 'hrnet.pth'), str(target)])
    said = capsys.readouterr().out
    assert '1752 mapped, 5 dropped' in said
    assert 'dropped 4: classification head' in said
    assert 'dropped 1: fusion into lower resolutions' in said

    student = load_config(ROOT / 'configs/_base_/models/pose-hrnet-w32.py')
    init = {**student.backbone_init, 'checkpoint': str(target)}
    backbone = MODELS.build(
        dict(student.student.backbone, type='mmpose.HRNet', init_cfg=init)
    )
    backbone.init_weights()
    expected = {
        key.removeprefix('backbone.'): value
        for key, value in ours.items()
        if key.startswith('backbone.')
    }
    assert same(backbone.state_dict(), expected)


def test_whole_training_file(tool, plain, tmp_path):
    """As the original writes it: on several GPUs, with a numpy score."""
    original, ours = plain
    content = dict(
        epoch=150,
        model='pose_hrnet',
        state_dict=collections.OrderedDict(
            (f'module.{key}', value) for key, value in original.items()
        ),
        perf=np.float64(0.61),
        optimizer=dict(state={}, param_groups=[dict(lr=1e-3, params=[0])]),
    )
    source, target = tmp_path / 'model_best.pth', tmp_path / 'out.pth'
    torch.save(content, source)
    tool.main([str(source), str(target)])
    written = torch.load(target, weights_only=True)
    assert same(written['state_dict'], ours)
    assert written['meta']['epoch'] == 150
    assert written['meta']['perf'] == 0.61
    assert written['meta']['source'] == 'model_best.pth'
    assert not list(tmp_path.glob('.*'))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'transition1.0.0.weight': torch.ones(48, 256, 3, 3)}, 'HRNet-W48'),
        ({'backbone.conv1.weight': torch.ones(1)}, 'an mmpose checkpoint already'),
        ({'extra.weight': torch.ones(1)}, "'extra.weight' is no key of pose_hrnet"),
        ({'bn1.bias': torch.ones(3)}, r'bn1.bias: expected \[64\], got \[3\]'),
        ({'bn1.bias': None}, r'bn1.bias: expected \[64\], got nothing'),
        ({'transition1.0.0.weight': None}, 'not an HRNet of the original code'),
        ({'final_layer.weight': None}, 'no head that is known'),
    ],
)
def test_another_network_is_refused(tool, plain, change, message):
    weights = {k: v for k, v in {**plain[0], **change}.items() if v is not None}
    with pytest.raises(ValueError, match=message):
        tool.convert(weights)


def test_missing_joint_is_refused(tool, part):
    weights = {k: v for k, v in part[0].items() if 'part_layers.5.' not in k}
    with pytest.raises(ValueError, match='"part_layers" has gaps'):
        tool.convert(weights)


def test_file_that_needs_code_is_refused_until_trusted(
    tool, plain, tmp_path, monkeypatch
):
    monkeypatch.setattr(safe_loading, '_trusted', False)
    source, target = tmp_path / 'old.pth', tmp_path / 'new.pth'
    torch.save(dict(state_dict=plain[0], perf=None, cfg=Path('x')), source)
    with pytest.raises(SystemExit, match='could run code .*--trust-checkpoint'):
        tool.main([str(source), str(target)])
    assert not target.exists()
    tool.main([str(source), str(target), '--trust-checkpoint'])
    assert same(torch.load(target, weights_only=True)['state_dict'], plain[1])


@pytest.mark.parametrize('content', [[], {'state_dict': {}}, {'epoch': 3}])
def test_file_without_weights_is_refused(tool, tmp_path, content):
    torch.save(content, tmp_path / 'a.pth')
    with pytest.raises(SystemExit, match='holds no weights'):
        tool.main([str(tmp_path / 'a.pth'), str(tmp_path / 'b.pth')])


def test_missing_file_is_named(tool, tmp_path):
    with pytest.raises(SystemExit, match=r'absent.pth does not exist'):
        tool.main([str(tmp_path / 'absent.pth'), str(tmp_path / 'b.pth')])
