"""The ten networks of Semi-Seg, and what its table says of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from mmengine.registry import DefaultScope
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ssltoolbox.apis.accounting import ACCOUNTINGS, formulas
from ssltoolbox.apis.config import read_config, referenced, resolve
from ssltoolbox.registry import MODELS


@dataclass
class Published:
    """A row of the table in the README of Semi-Seg.

    Args:
        title (str): Name of the network.
        gmacs (float): Giga multiply-accumulates, in a column headed "FLOPS".
        millions (float): Million parameters.
    """

    title: str
    gmacs: float
    millions: float


PUBLISHED = {
    'cgnet': Published('CGNet', 1.4, 0.5),
    'deeplabv3plus': Published('DeepLabV3+', 14.8, 28.7),
    'denseaspp': Published('DenseASPP', 14.1, 29.1),
    'fpenet': Published('FPENet', 0.3, 0.1),
    'hrnet_w48': Published('HRNet-W48', 36.6, 65.8),
    'lednet': Published('LEDNet', 2.5, 2.3),
    'manet': Published('MANet', 29.1, 147.4),
    'ocnet': Published('OCNet', 16.9, 35.9),
    'pan': Published('PAN', 13.6, 24.3),
    'unet': Published('U-Net', 48.5, 13.4),
}
"""By the name of the file in ``configs/_base_/models`` that describes the network."""

NOTE = (
    'Published counts of DeepLabV3+, DenseASPP and OCNet hold 2.049 M parameters of an '
    'ImageNet classifier that these do not use and ours do not have.'
)


@dataclass
class Cost:
    """What one of our networks costs for an image.

    Args:
        parameters (int): Number of its parameters.
        products (int): Multiply-accumulates of convolutions and matrix products.
        ptflops (int): Multiply-accumulates as ptflops counts them.
    """

    parameters: int
    products: int
    ptflops: int


def read_network(file: str | Path, num_classes: int = 2, **changes) -> dict:
    """Read the network that a base config describes, for random weights.

    Args:
        file (str | Path): A file that defines a network under its own name, such as
            ``configs/_base_/models/cgnet.py``.
        num_classes (int): Number of classes.
        **changes: ``backbone`` and ``decode_head``, each with what is changed in it.

    Returns:
        dict: A config of ``mmseg.EncoderDecoder``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It defines no such network.
    """
    config, name = read_config(file), Path(file).stem
    if name not in config:
        raise ValueError(
            f'{file}: no key {name!r} in it; expected a network under the name of the '
            f'file, such as those of {", ".join(PUBLISHED)}'
        )
    given = {
        'num_classes': num_classes,
        'seg_preprocessor': dict(type='mmseg.SegDataPreProcessor', size_divisor=1),
        name: changes,
    }
    # what else it expects are weights to start from
    config.merge_from_dict(dict.fromkeys(referenced(config) - set(config)) | given)
    return resolve(config)[name]


def build_network(
    file: str | Path, num_classes: int = 2, device: str = 'cpu', **changes
) -> nn.Module:
    """Build the network of :func:`read_network`; on ``'meta'`` it takes no memory."""
    network = read_network(file, num_classes, **changes)
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device(device):
        return MODELS.build(network)


def cost(network: nn.Module, height: int = 320, width: int = 320) -> Cost:
    """Count parameters and multiply-accumulates for one image.

    Args:
        network (nn.Module): On any device; on ``'meta'`` nothing is computed.
        height (int): Of the image, in px.
        width (int): Of the image, in px.
    """
    parameters = list(network.parameters())
    image = torch.zeros(1, 3, height, width, device=parameters[0].device)
    products, ptflops = (
        FlopCounterMode(display=False, custom_mapping=formulas(accounting))
        for accounting in ACCOUNTINGS
    )
    network.eval()
    with torch.no_grad(), products, ptflops:
        network(image, None, mode='tensor')
    return Cost(
        sum(parameter.numel() for parameter in parameters),
        products.get_total_flops() // 2,
        ptflops.get_total_flops() // 2,
    )


def as_markdown(costs: dict[str, Cost]) -> Iterator[str]:
    """Give the lines of a table: our costs beside the published ones.

    Args:
        costs (dict[str, Cost]): By name, as in :data:`PUBLISHED`.
    """
    yield (
        '| network | parameters | M, published | GMAC, ptflops | GMAC, published '
        '| GMAC, convolutions and matrix products |'
    )
    yield '|---|---:|---:|---:|---:|---:|'
    for name, ours in costs.items():
        theirs = PUBLISHED[name]
        yield (
            f'| {theirs.title} | {ours.parameters:,} | {theirs.millions} '
            f'| {ours.ptflops / 1e9:.3f} | {theirs.gmacs} '
            f'| {ours.products / 1e9:.3f} |'
        )
