"""Segmentation networks with a ResNet-50: size, and logits of rule-filled weights."""

from ..registry import drives
from ..vectors import Entry
from .fill import build_model, check_logits, check_size

CONFIG = {
    'net_deeplab': 'deeplabv3plus',
    'net_denseaspp': 'denseaspp',
    'net_ocnet': 'ocnet',
    'net_pan': 'pan',
    'net_manet': 'manet',
}


def matches(entry: Entry) -> None:
    network = build_model(CONFIG[entry.name], 'meta')
    check_size(entry, network)
    check_logits(entry, network)


for name in CONFIG:
    drives('semiseg', name)(matches)
