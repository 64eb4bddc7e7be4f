"""Write the joint-specific head as mmpose's own head, for export."""

import torch
from torch import Tensor

Weights = dict[str, Tensor]

EPS = 1e-5
"""Of every batch norm in both heads."""


def as_plain_head(config: dict, weights: Weights) -> tuple[dict, Weights]:
    """Give an equal ``HeatmapHead`` for a trained ``JointSpecificHead``.

    ``HeatmapHead`` stacks dense convolutions, each with batch norm and ReLU. Branches
    become blocks on the diagonal of their weights, zero elsewhere. The shortcut
    around the two inner convolutions travels through the stack as the positive and the
    negative part of the features, which ReLU leaves alone; the first convolution
    of a branch, which has no ReLU behind it, is multiplied into those that follow.

    The result predicts the same up to rounding, at the cost of multiplying many
    zeros. It is for inference: trained further, its zeros would not stay zeros.

    Args:
        config: Config of the joint-specific head.
        weights: Its weights, ``branches.*`` and ``deconv_layers.*``.

    Returns:
        Config and weights of the plain head.
    """
    joints = config['out_channels']
    branch = {
        key.removeprefix('branches.'): value.double()
        for key, value in weights.items()
        if key.startswith('branches.')
    }
    layers = [_enter(branch, joints), _inner(branch, joints), _leave(branch, joints)]
    plain = {k: v for k, v in weights.items() if not k.startswith('branches.')}
    for index, layer in enumerate(layers):
        conv, norm = f'conv_layers.{3 * index}', f'conv_layers.{3 * index + 1}'
        plain |= {f'{conv}.weight': layer['weight'], f'{conv}.bias': layer['bias']}
        plain |= {f'{norm}.{key}': value for key, value in layer['norm'].items()}
        plain[f'{norm}.num_batches_tracked'] = torch.tensor(0)
    plain |= {f'final_layer.{k}': branch[f'2.{k}'] for k in ('weight', 'bias')}
    shared = 'in_channels out_channels deconv_out_channels deconv_kernel_sizes'
    result = {key: config.get(key) for key in shared.split()}
    result |= {key: config[key] for key in ('loss', 'decoder') if key in config}
    result.update(
        type='HeatmapHead',
        conv_out_channels=[len(layer['weight']) for layer in layers],
        conv_kernel_sizes=[1, 3, 1],
        final_layer=dict(kernel_size=1, groups=joints),
    )
    return result, {k: v.float() if v.ndim else v for k, v in plain.items()}


def _enter(branch: Weights, joints: int) -> dict:
    """First inner convolution of every branch, and the features to carry along."""
    first = _split(branch['0.weight'], joints)
    conv = _split(branch['1.conv1.weight'], joints)
    features = torch.eye(first.shape[-1], dtype=torch.float64)
    carried = torch.cat([features, -features])
    bias = (conv @ branch['0.bias'].view(joints, -1, 1)).flatten()
    return dict(
        weight=torch.cat([(conv @ first).flatten(0, 1), carried])[..., None, None],
        bias=torch.cat([bias, bias.new_zeros(len(carried))]),
        norm=_norm(branch, '1.bn1', len(carried)),
    )


def _inner(branch: Weights, joints: int) -> dict:
    """The 3x3 convolutions on the diagonal; what is carried passes the centre."""
    carried = 2 * branch['0.weight'].shape[1]
    blocks = branch['1.conv2.weight'].chunk(joints)
    inside = sum(map(len, blocks))
    weight = blocks[0].new_zeros(inside + carried, inside + carried, 3, 3)
    for joint, block in enumerate(blocks):
        part = slice(joint * len(block), (joint + 1) * len(block))
        weight[part, part] = block
    weight[inside:, inside:, 1, 1] = torch.eye(carried, dtype=weight.dtype)
    return dict(
        weight=weight,
        bias=weight.new_zeros(len(weight)),
        norm=_norm(branch, '1.bn2', carried),
    )


def _leave(branch: Weights, joints: int) -> dict:
    """Last inner convolution and shortcut of every branch, norms multiplied in."""
    scale, offset = _affine(branch, '1.bn3')
    blocks = (branch['1.conv3.weight'].flatten(1) * scale[:, None]).chunk(joints)
    short_scale, short_offset = _affine(branch, '1.downsample.1')
    shortcut = branch['1.downsample.0.weight'].flatten(1) * short_scale[:, None]
    shortcut = _split(shortcut, joints)
    carried = (shortcut @ _split(branch['0.weight'], joints)).flatten(0, 1)
    bias = (shortcut @ branch['0.bias'].view(joints, -1, 1)).flatten()
    weight = torch.cat([torch.block_diag(*blocks), carried, -carried], dim=1)
    return dict(
        weight=weight[..., None, None],
        bias=bias + offset + short_offset,
        norm=_identity(len(weight)),
    )


def _split(weight: Tensor, joints: int) -> Tensor:
    """1x1 weights (K*O, I, ...) as matrices (K, O, I)."""
    return weight.reshape(joints, len(weight) // joints, -1)


def _affine(branch: Weights, name: str) -> tuple[Tensor, Tensor]:
    """Scale and offset that a batch norm applies in evaluation."""
    scale = branch[f'{name}.weight'] / (branch[f'{name}.running_var'] + EPS).sqrt()
    return scale, branch[f'{name}.bias'] - scale * branch[f'{name}.running_mean']


def _norm(branch: Weights, name: str, carried: int) -> Weights:
    """A norm of the branches, which leaves further channels as they are."""
    neutral = _identity(carried)
    return {k: torch.cat([branch[f'{name}.{k}'], neutral[k]]) for k in neutral}


def _identity(channels: int) -> Weights:
    ones = torch.ones(channels, dtype=torch.float64)
    return dict(
        weight=ones * (1 + EPS) ** 0.5,
        bias=0 * ones,
        running_mean=0 * ones,
        running_var=ones,
    )
