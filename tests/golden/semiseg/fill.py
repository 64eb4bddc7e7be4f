"""Networks with the weights, and against the logits, that the manifest describes."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.apis.seg_networks import build_network

from ..vectors import NUMBER, Entry

MODEL_CONFIGS = Path(__file__).parents[3] / 'configs/_base_/models'
CLASSIFIER = Counter({
    ('Linear', 'weight', '(1000, 2048)'): 1,
    ('Linear', 'bias', '(1000,)'): 1,
})  # fmt: skip
"""The part of a ResNet-50 that tells 1000 classes of images: we leave it out."""


def build_model(
    name: str, device: str = 'cpu', num_classes: int = 2, **changes
) -> nn.Module:
    """Build a network of ``configs/_base_/models``; on ``'meta'`` without memory.

    Args:
        name: Name of the file, and of its key.
        device: Where it is built.
        num_classes: Number of classes.
        changes: ``backbone`` and ``decode_head``, each what is changed in it.
    """
    return build_network(MODEL_CONFIGS / f'{name}.py', num_classes, device, **changes)


def parameters(network: nn.Module) -> Iterable[tuple[nn.Module, str, Tensor]]:
    """Every parameter, with its module and its name there."""
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            yield module, name, parameter


@torch.no_grad()
def fill(entry: Entry, network: nn.Module) -> None:
    """Set all weights by the rule of the manifest; from ``meta`` to the CPU."""
    if next(network.parameters()).is_meta:
        network.to_empty(device='cpu')
    number = rf'({NUMBER})'
    factor, step, shift = map(
        float, entry.find(rf'frac\({number}\*sin\({number}\*k\+{number}\)\)')
    )
    scale, spread = map(float, entry.find(rf'{number}\*sqrt\({number}/prod'))
    slope = float(entry.find(rf'PReLU slope {number}')[0])
    bias = float(entry.find(rf'1-axis bias: {number}\*u')[0])
    # of each tensor the first values: worked out once, they are the slow part
    longest = max(parameter.numel() for *_, parameter in parameters(network))
    k = torch.arange(longest, dtype=torch.float64)
    u = k.mul_(step).add_(shift).sin_().mul_(factor)
    u = u.sub_(u.floor()).mul_(2).sub_(1)
    for module, name, parameter in parameters(network):
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            parameter.fill_(name == 'weight')
            module.reset_running_stats()
        elif isinstance(module, nn.PReLU):
            parameter.fill_(slope)
        else:
            fan_in = np.prod(parameter.shape[1:])
            size = bias if parameter.ndim == 1 else scale * (spread / fan_in) ** 0.5
            parameter.copy_(u[: parameter.numel()].view_as(parameter)).mul_(size)


def check_size(entry: Entry, network: nn.Module, left_out: Counter = CLASSIFIER) -> int:
    """Compare the tensors with those of the original; return how many values ours has.

    Args:
        entry: Entry with ``param_tensors`` and ``n_params``.
        network: Ours, on any device.
        left_out: What the original has and ours has not; what it lacks is no error.
    """
    theirs = Counter()
    for *tensor, count in entry.params['param_tensors']:
        theirs[tuple(tensor)] = count
    ours = Counter(
        (type(module).__name__, name, str(tuple(value.shape)))
        for module, name, value in parameters(network)
    )
    missing = theirs - ours
    assert not ours - theirs, f'not in the original: {ours - theirs}'
    assert not missing - left_out, f'only in the original: {missing - left_out}'
    shapes = {key: map(int, re.findall(r'\d+', key[2])) for key in missing}
    absent = sum(n * int(np.prod(list(shapes[key]))) for key, n in missing.items())
    size = sum(value.numel() for _, _, value in parameters(network))
    assert size + absent == entry.params['n_params']
    return size


def check_logits(entry: Entry, network: nn.Module) -> None:
    """Compare the logits (1, C, H, W) of filled weights in evaluation."""
    fill(entry, network)
    inputs = torch.from_numpy(entry['input'].astype(np.float32))
    with torch.no_grad():
        logits = network.eval().predict(inputs)[0].seg_logits.data[None]
    assert logits.shape == tuple(entry['full_shape'])
    entry.check('full_shape', logits.shape)
    entry.check('logits_sub2', logits[:, :, ::2, ::2])
    entry.check('mean', logits.mean())
    entry.check('std', logits.std())
