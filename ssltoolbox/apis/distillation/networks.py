"""Networks by the names of the original program, and the backbones they can have."""

import copy
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

RESNETS = {f'resnet{depth}': depth for depth in (18, 34, 50, 101, 152)}
"""Name of a backbone, and its depth."""

OWN = {
    'CGNet': 'cgnet',
    'FPENet': 'fpenet',
    'HRNet': 'hrnet_w48',
    'LEDNet': 'lednet',
    'U-Net': 'unet',
}
"""Networks with a backbone of their own, and the name of their base config."""

ON_RESNET = {
    'DeepLab': 'deeplabv3plus',
    'DenseASPP': 'denseaspp',
    'MAnet': 'manet',
    'OCNet': 'ocnet',
    'PAN': 'pan',
}
"""Networks on a ResNet, by default of 50 layers."""

SPELLINGS = {'DeepLabV3+': 'DeepLab', 'MANet': 'MAnet', 'HRNet-W48': 'HRNet'}
"""Other spellings, those of the original's table among them."""

DEFAULT = 'resnet50'
STEM = 64
"""Channels in front of the first stage of any ResNet."""


@dataclass(frozen=True)
class NamedNetwork:
    """One of the ten networks.

    Attributes:
        name: As the original program writes it.
        backbone: Name of its ResNet, empty for a backbone of its own.
    """

    name: str
    backbone: str = ''

    @property
    def base_config(self) -> str:
        """Name of its file in ``configs/_base_/models``, and of the key in there."""
        return (OWN | ON_RESNET)[self.name]

    @property
    def key(self) -> str:
        """Key of a config that holds it."""
        usual = self.backbone in ('', DEFAULT)
        return self.base_config if usual else f'{self.base_config}_{self.backbone}'

    @property
    def label(self) -> str:
        """How its files are named."""
        return '_'.join(filter(None, (self.name, self.backbone)))

    @property
    def title(self) -> str:
        """How a sentence names it."""
        return f'{self.name} ({self.backbone})' if self.backbone else self.name


def named_network(text: str, role: str, backbone: str | None = None) -> NamedNetwork:
    """Look up a network by ``NAME`` or ``NAME:BACKBONE``.

    Args:
        text: What the caller wrote.
        role: ``'base'`` or ``'target'``, for the message.
        backbone: Name of the backbone, where it is given by itself.

    Raises:
        ValueError: There is no such network, or it cannot have this backbone; lists
            those that there are.
    """
    name, _, inner = text.partition(':')
    if inner and backbone and inner != backbone:
        raise ValueError(
            f'{role} {text}: the backbone is given twice, as {inner!r} and '
            f'{backbone!r}: leave one out'
        )
    name, backbone = SPELLINGS.get(name, name), inner or backbone or ''
    if name in ON_RESNET:
        backbone = backbone or DEFAULT
        _check(backbone, RESNETS, f'{role} {text}: unknown backbone {backbone!r}')
        return NamedNetwork(name, backbone)
    _check(name, {**OWN, **ON_RESNET, **SPELLINGS}, f'{role}: unknown network {name!r}')
    if backbone not in ('', OWN[name]):
        raise ValueError(
            f'{role} {text}: {name} has a backbone of its own, not {backbone!r}: leave '
            f'the backbone out. Networks with a choice: {", ".join(ON_RESNET)}'
        )
    return NamedNetwork(name)


def named_networks(
    texts: Sequence[str], backbones: Sequence[str | None] | None = None
) -> list[NamedNetwork]:
    """Look up the base networks.

    Args:
        texts: Each ``NAME`` or ``NAME:BACKBONE``.
        backbones: One backbone for each, where they are given by themselves.

    Raises:
        ValueError: One is unknown or named twice, or the lists differ in length.
    """
    if backbones is not None and len(backbones) != len(texts):
        raise ValueError(
            f'{len(texts)} base networks ({", ".join(texts)}) and {len(backbones)} '
            f'backbones ({", ".join(map(str, backbones))}): give one backbone for each '
            'network, None for its own'
        )
    pairs = zip(texts, backbones or [None] * len(texts), strict=True)
    found = [named_network(text, 'base', backbone) for text, backbone in pairs]
    twice = {each.title for each in found if found.count(each) > 1}
    if twice:
        raise ValueError(
            f'base {", ".join(sorted(twice))} is named twice: it would be trained from '
            'the same seed to the same weights. Name different networks or backbones'
        )
    return found


def with_backbone(network: dict[str, Any], backbone: str) -> dict[str, Any]:
    """Put another ResNet below a network's head.

    Args:
        network: Config of a segmentor on a ResNet of 50 layers.
        backbone: A name of :data:`RESNETS`.

    Returns:
        A changed copy; a head that names the channels of stages gets the right ones.
    """
    network = copy.deepcopy(network)
    network['backbone']['depth'] = RESNETS[backbone]
    if RESNETS[backbone] < 50:
        head = network['decode_head']
        for key in [key for key in head if key.endswith('in_channels')]:
            head[key] = _of_basic_blocks(head[key])
    return network


def _of_basic_blocks(channels: Any) -> Any:
    """Channels of a stage of basic blocks: a quarter of those of bottlenecks."""
    if isinstance(channels, Sequence):
        return [_of_basic_blocks(each) for each in channels]
    return channels // 4 if channels > STEM else channels


def _check(name: str, known: Sequence[str] | dict, problem: str) -> None:
    if name in known:
        return
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), lower, 1)
    hint = f'; did you mean {lower[near[0]]}?' if near else '.'
    raise ValueError(
        f'{problem}{hint} Known: {", ".join(sorted(known, key=str.lower))}'
    )
