"""The network, its norms and its optimiser."""

import ast

import numpy as np
import torch

from ssltoolbox.models.backbones.da_unet import ConvBlock

from ..registry import drives
from ..scarcenet.parts import converter
from ..vectors import Entry


def fill(entry: Entry) -> dict[str, np.ndarray]:
    """The original's variables, by the rule of the manifest."""
    first = int(entry.find(r'RandomState\((\d+)\+k\)')[0])
    spread = float(entry.find(r'1-D: ([\d.]+) r')[0])
    arrays = {}
    for k, (name, text) in enumerate(
        zip(entry['in_names'], entry['in_shapes'], strict=True)
    ):
        shape = tuple(ast.literal_eval(str(text)))
        r = np.random.RandomState(first + k).standard_normal(np.prod(shape))
        r = r.reshape(shape)
        if len(shape) == 4:
            r = r * np.sqrt(2 / np.prod(shape[:-1]))
        else:
            r = spread * r + ('gamma' in str(name))
        arrays[str(name)] = r.astype(np.float32)
    return arrays


def nchw(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array).permute(0, 3, 1, 2).contiguous()


def nhwc(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().permute(0, 2, 3, 1).numpy()


@drives('ssl2dpose', 'network_forward')
def network_forward(entry: Entry) -> None:
    """Converted weights give the same maps, attention, loss and gradients."""
    tool = converter('ssl2dpose')
    arrays = fill(entry)
    converted = tool.convert(arrays)
    assert all(row.target for row in converted.rows)
    channels, outputs = entry.params['features_root'], entry.params['n_class']
    network = tool.build(channels, outputs).to_empty(device='cpu')
    network.load_state_dict(converted.weights)
    norm = network.backbone.down[0][0].norm
    assert norm.num_groups == entry.params['gn_groups']
    assert norm.eps == entry.params['gn_eps']
    assert len(network.backbone.down) == entry.params['layers']
    network.eval()
    features, attentions = network.backbone.attend(nchw(entry['in_x_nhwc']))
    maps = network.head(features)
    loss = network.head.loss_module(maps, nchw(entry['in_target']))
    loss.backward()
    entry.check('out_out', nhwc(maps))
    for name, attention in zip(('half', 'full'), attentions, strict=True):
        entry.check(f'out_attention_{name}', nhwc(attention))
    entry.check('out_mse', loss.detach())
    weights = dict(network.named_parameters())
    norms = [weights[row.target].grad.norm() for row in converted.rows]
    entry.check('out_grad_l2', torch.stack(norms))


@drives('ssl2dpose', 'group_norm')
def group_norm(entry: Entry) -> None:
    x = nchw(entry['in_x_nhwc'])
    channels = x.shape[1]
    norm = ConvBlock(3, channels, 0.0, entry.params['groups']).norm
    assert norm.eps == entry.params['eps']
    entry.check('out_y', nhwc(norm(x)))


@drives('ssl2dpose', 'adam_tf')
def adam_tf(entry: Entry) -> None:
    """TensorFlow adds eps before it corrects the bias, torch after it.

    With eps 1e-8 the two differ by less than single precision shows, unless a gradient
    is below 1e-6 or so. So torch's Adam with the same eps stands for it.
    """
    value = torch.from_numpy(entry['in_v0'].copy()).requires_grad_()
    factor = torch.from_numpy(entry['in_A'])
    target = float(entry.find(r'\(v-([\d.]+)\)\^2')[0])
    p = entry.params
    betas = p['beta1'], p['beta2']
    optimiser = torch.optim.Adam([value], p['lr'], betas, p['eps'])
    for step in entry['out_v']:
        optimiser.zero_grad()
        (factor * (value - target) ** 2).sum().backward()
        optimiser.step()
        entry.check('out_v', value.detach(), expected=step)
