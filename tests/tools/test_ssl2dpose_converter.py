"""Variables of the original ssl2dpose program become our checkpoints."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ssltoolbox.apis.convert import report

TOOL = Path(__file__).resolve().parents[2] / 'tools/model_converters/ssl2dpose.py'


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('ssl2dpose_converter', TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def names(width=8, outputs=9):
    """Names and shapes of the original's variables; the published width is 64."""
    inside, last = round(width**0.5), (3, *(width * 2**k for k in range(3)))
    shapes, norms, gates = {}, [], []
    for level in range(3):
        c = last[level + 1]
        shapes[f'down_conv_{level}/w1'] = (3, 3, last[level], c)
        shapes[f'down_conv_{level}/w2'] = (3, 3, c, c)
        norms += [c, c]
    for level in (1, 0):
        c = last[level + 1]
        shapes[f'up_conv_{level}/wd'] = (2, 2, c, 2 * c)
        shapes[f'up_conv_{level}/w1'] = (3, 3, 2 * c, c)
        shapes[f'up_conv_{level}/w2'] = (3, 3, c, c)
        gates += [(3, 3, 2 * c, width), (3, 3, width, inside), (1, 1, inside, 1)]
        norms += [c, c]
    # a bias for each output; the transposed kernel has (out, in)
    for name, shape in list(shapes.items()):
        wide = shape[2] if name.endswith('wd') else shape[3]
        shapes[name.replace('/w', '/b')] = (wide,)
    for i, shape in enumerate(gates):
        suffix = f'_{i}' if i else ''
        shapes[f'Conv{suffix}/weights'] = shape
        shapes[f'Conv{suffix}/biases'] = shape[3:]
    for i, c in enumerate(norms):
        suffix = f'_{i}' if i else ''
        shapes[f'GroupNorm{suffix}/gamma'] = shapes[f'GroupNorm{suffix}/beta'] = (c,)
    shapes['output_map/weight'] = (1, 1, width, outputs)
    shapes['output_map/bias'] = (outputs,)
    return shapes


def variables(suffix='', **options):
    rng = np.random.default_rng(0)
    return {
        f'dau-net/{name}{suffix}': rng.standard_normal(shape).astype(np.float32)
        for name, shape in names(**options).items()
    }


def test_every_variable_finds_its_place(tool):
    arrays = variables()
    assert len(arrays) == 58
    converted = tool.convert(arrays)
    assert converted.architecture == 'DAUNet (8 channels, 9 outputs)'
    assert len(converted.weights) == 58
    assert report(converted, verbose=False).endswith(
        '58 keys read, 58 mapped, 0 dropped, loads strictly'
    )
    places = {row.source.removeprefix('dau-net/'): row.target for row in converted.rows}
    assert places['down_conv_2/w1'] == 'backbone.down.2.0.conv.weight'
    assert places['up_conv_1/bd'] == 'backbone.up.1.deconv.bias'
    assert places['GroupNorm_5/beta'] == 'backbone.down.2.1.norm.bias'
    assert places['GroupNorm_6/gamma'] == 'backbone.up.1.blocks.0.norm.weight'
    assert places['GroupNorm_9/gamma'] == 'backbone.up.0.blocks.1.norm.weight'
    assert places['Conv/weights'] == 'backbone.up.1.attention.convs.0.weight'
    assert places['Conv_5/biases'] == 'backbone.up.0.attention.convs.2.bias'


def test_kernels_are_transposed(tool):
    arrays = variables()
    weights = tool.convert(arrays).weights
    kernel = arrays['dau-net/down_conv_0/w1']
    ours = weights['backbone.down.0.0.conv.weight']
    assert ours.shape == (8, 3, 3, 3) and ours.is_contiguous()
    assert ours[5, 2, 0, 1] == kernel[0, 1, 2, 5]
    kernel = arrays['dau-net/up_conv_0/wd']  # height, width, out, in
    ours = weights['backbone.up.0.deconv.weight']  # in, out, height, width
    assert ours.shape == (16, 8, 2, 2) and ours[9, 4, 1, 0] == kernel[1, 0, 4, 9]


def test_the_tool_writes_a_checkpoint_and_tells_what_it_left_out(
    tool, tmp_path, capsys
):
    arrays = variables(':0', width=16, outputs=4)
    arrays['dau-net/down_conv_0/w1/Adam'] = np.zeros((3, 3, 3, 16), np.float32)
    arrays['dau-net/down_conv_0/w1/Adam_1'] = np.zeros((3, 3, 3, 16), np.float32)
    arrays['beta1_power'] = np.float32(0.9)
    arrays['dau-net_1/down_conv_0/w1:0'] = np.ones((3, 3, 3, 16), np.float32)
    arrays['dau-net/GroupNorm/gamma/ExponentialMovingAverage'] = np.ones(16)
    source, target = tmp_path / 'model.npz', tmp_path / 'out/model.pth'
    np.savez(source, **arrays)
    tool.main([str(source), str(target), '--verbose'])
    said = capsys.readouterr().out
    assert '63 keys read, 58 mapped, 5 dropped, loads strictly' in said
    assert 'dropped 3: of the optimiser' in said
    assert 'dropped 2: of a further network' in said
    line = 'dau-net/output_map/bias:0 -> head.final_layer.bias'
    assert line in said.splitlines()
    content = torch.load(target, weights_only=True)
    assert content['meta']['source'] == 'model.npz'
    network = tool.build(16, 4).to_empty(device='cpu')
    network.load_state_dict(content['state_dict'], strict=True)
    assert network.eval()(torch.zeros(1, 3, 8, 8), None).shape == (1, 4, 8, 8)


@pytest.mark.parametrize(
    ('name', 'value', 'message'),
    [
        ('dau-net/dense/kernel', np.zeros(3), "'dau-net/dense/kernel' is no variable"),
        ('dau-net/down_conv_3/w1', np.zeros(3), 'down.3.0.conv.weight: not expected'),
        ('dau-net/down_conv_1/w2', None, 'down.1.1.conv.weight: expected'),
        ('dau-net/GroupNorm_4/beta', np.zeros(7), 'down.2.0.norm.bias: expected'),
        ('dau-net/output_map/weight', None, 'holds no network of ssl2dpose'),
    ],
)
def test_another_network_is_refused(tool, name, value, message):
    arrays = {k: v for k, v in {**variables(), name: value}.items() if v is not None}
    with pytest.raises(ValueError, match=message):
        tool.convert(arrays)


def test_files_that_cannot_be_read_are_named(tool, tmp_path):
    absent, text = tmp_path / 'absent.npz', tmp_path / 'text.npz'
    text.write_text('no arrays')
    objects = tmp_path / 'objects.npz'
    np.savez(objects, a=np.array([{}], dtype=object))
    for source, message in (
        (absent, 'absent.npz does not exist'),
        (text, 'text.npz is no .npz file of plain arrays'),
        (objects, 'objects.npz is no .npz file of plain arrays'),
    ):
        with pytest.raises(SystemExit, match=message):
            tool.main([str(source), str(tmp_path / 'out.pth')])
    assert not (tmp_path / 'out.pth').exists()
