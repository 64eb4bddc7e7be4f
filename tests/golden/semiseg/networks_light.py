"""Networks that need no ResNet: size, and logits of rule-filled weights."""

from collections import Counter

import torch
from torch import nn

from ..registry import drives
from ..vectors import Entry
from .fill import build_model, check_logits, check_size

CONFIG = {
    'net_cgnet': 'cgnet',
    'net_fpenet': 'fpenet',
    'net_lednet': 'lednet',
    'net_unet': 'unet',
}


def matches(entry: Entry) -> None:
    network = build_model(CONFIG[entry.name], 'meta')
    check_size(entry, network, left_out=Counter())
    check_logits(entry, network)


for name in CONFIG:
    drives('semiseg', name)(matches)


@drives('semiseg', 'net_hrnet')
def net_hrnet(entry: Entry) -> None:
    """The original has a bias in front of a norm; ours, without, is given it here."""
    network = build_model('hrnet_w48', 'meta')
    conv = network.decode_head.convs[0].conv
    width = conv.out_channels
    left_out = Counter({('Conv2d', 'bias', f'({width},)'): 1})
    size = check_size(entry, network, left_out)
    assert entry.params['n_params'] - size == width
    conv.bias = nn.Parameter(torch.empty(width, device='meta'))
    check_logits(entry, network)
