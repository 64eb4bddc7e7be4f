"""Networks and the names of their weights."""

import json

import torch

from ssltoolbox.apis.convert import Weights, empty_network

from ..registry import drives
from ..scarcenet.parts import ROOT, converter
from ..vectors import Entry

CONFIGS = ROOT / 'configs/_base_/models'
CONFIG = {
    'res18': 'pose-resnet18',
    'res50': 'pose-resnet50',
    'res101': 'pose-resnet101',
    'res152': 'pose-resnet152',
    'hrnet_w48': 'pose-hrnet-w48',
}


@drives('posedual', 'state_dict_shapes')
def state_dict_shapes(entry: Entry) -> None:
    """Our networks have the sizes of the originals, and every key becomes one."""
    content = json.loads(entry.path.read_text())
    listed = {key: content[key] for key in CONFIG if key in content}
    joints = listed['res18']['final_layer_1.weight'][0]
    for name, counts in content['counts'].items():
        if name in CONFIG:
            _check_size(entry, name, counts, joints)
    for name, shapes in listed.items():
        prefixes = entry.params['dual_prefixes']
        weights = _weights({p + k: s for p in prefixes for k, s in shapes.items()})
        converted = _convert(weights)
        assert {'student', 'teacher'} == {k.split('.')[0] for k in converted}
        entry.check(f'{name}_keys', len(converted), expected=len(weights))
        expected = content['counts'][name]['dual']
        entry.check(f'{name}_converted', _size(converted), expected=expected)
    _check_cons(entry, content)


def _check_size(entry: Entry, name: str, counts: dict, joints: int) -> None:
    network = empty_network(CONFIGS / f'{CONFIG[name]}.py', joints)
    head = network.head
    parts = dict(single=network, deconv=head.deconv_layers, final=head.final_layer)
    sizes = {k: sum(p.numel() for p in part.parameters()) for k, part in parts.items()}
    sizes['dual'] = 2 * sizes['single']
    for part, expected in counts.items():
        entry.check(f'{name}_{part}', sizes[part], expected=expected)


def _check_cons(entry: Entry, content: dict) -> None:
    """One network, whose last layer has another name than in PoseDual."""
    first = entry.params['dual_prefixes'][0]
    finals = content['posecons_final_keys']
    shapes = {}
    for key, shape in content['res18'].items():
        layer, _, rest = key.rpartition('.')
        final = [k for k in finals if k.endswith(f'.{rest}')]
        shapes[final[0] if layer.startswith('final') else first + key] = shape
    assert set(finals) <= set(shapes)
    converted = _convert(_weights(shapes))
    assert {'backbone', 'head'} == {key.split('.')[0] for key in converted}
    expected = content['counts']['posecons_res18']
    entry.check('posecons_res18', _size(converted), expected=expected)


def _convert(weights: Weights) -> Weights:
    converted = converter('posedual').convert(weights)
    lost = [row.source for row in converted.rows if not row.target]
    assert not lost, f'{len(lost)} keys are lost, {lost[:3]}'
    return converted.weights


def _weights(shapes: dict[str, list[int]]) -> Weights:
    # without memory: only names and shapes matter
    return {key: torch.empty(shape, device='meta') for key, shape in shapes.items()}


def _size(weights: Weights) -> int:
    """Trainable values; the running statistics are none."""
    buffers = ('running_mean', 'running_var', 'num_batches_tracked')
    return sum(v.numel() for k, v in weights.items() if not k.endswith(buffers))
