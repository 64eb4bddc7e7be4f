"""Compare predictions of whole images with the forward passes that they need.

A prediction is preprocessing, forward pass, peaks, grouping and the way back to image
pixels; loading is not part of it. Fresh weights find nothing. So the last convolution
runs, but its output is replaced by maps of drawn instances, with noise.

Examples:
    python benchmarks/inference.py
    python benchmarks/inference.py --device cuda --batch 1 32
    python benchmarks/inference.py --config \\
        configs/ssl2dpose/daunet_toyinstruments_supervised.py
"""

import argparse

import numpy as np
import torch
from mmengine.registry import init_default_scope
from torch import nn

from ssltoolbox.apis.benchmarking.timing import (
    add_timing_options,
    interleave,
    machine,
    report,
    start,
)
from ssltoolbox.apis.cli import add_cfg_options, command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.model import network_config
from ssltoolbox.registry import MODELS

from mmpose.structures import PoseDataSample  # isort: skip

CONFIG = 'configs/ssl2dpose/daunet_endovis_supervised.py'
NOISE = 0.02


def drawn_maps(codec, instances: int) -> torch.Tensor:
    """Maps (1, C, h, w) of instances of random shape, with noise."""
    generator = torch.Generator().manual_seed(0)
    size = torch.tensor(codec.input_size)
    shape = (1, instances, codec.num_joints)
    points = torch.rand(*shape, 2, generator=generator) * size
    maps = codec.render(points, torch.ones(shape))
    return maps + NOISE * torch.randn(maps.shape, generator=generator)


def build(args: argparse.Namespace) -> nn.Module:
    """Build the network of a config, with fresh weights, that sees instances."""
    cfg = load_config(args.config, options=args.cfg_options)
    init_default_scope(cfg.default_scope)
    network = MODELS.build(network_config(cfg)).to(args.device).eval()
    maps = drawn_maps(network.head.decoder, args.instances).to(args.device)
    network.head.final_layer.register_forward_hook(
        lambda layer, inputs, output: maps.expand_as(output)
    )
    return network


def loaded(network: nn.Module, batch: int) -> dict:
    """A batch of random images, as the data loader gives it."""
    w, h = network.head.decoder.input_size
    images = np.random.default_rng(0).integers(0, 256, (batch, 3, h, w), np.uint8)
    samples = [PoseDataSample(metainfo=dict(view=np.eye(3))) for _ in images]
    return {'inputs': list(torch.from_numpy(images)), 'data_samples': samples}


def main(argv: list[str] | None = None) -> None:
    """Time predictions and forward passes in turns."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--batch', type=int, nargs='+', default=[1, 8])
    parser.add_argument('--instances', type=int, default=2, help='in each image')
    add_timing_options(parser, rounds=7)
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    start(args.threads)
    network = build(args)
    print(f'{args.config}; {machine(args.device)}')
    for batch in args.batch:
        data = loaded(network, batch)
        images = network.data_preprocessor(data)['inputs']
        with torch.no_grad():
            taken = interleave(
                {
                    'forward': lambda i=images: network(i, None, mode='tensor'),
                    'prediction': lambda d=data: network.test_step(d),
                },
                args.rounds,
                args.device,
            )
        print(f'batch {batch}, per image:')
        report(taken, 'forward', batch)
    print('images/s of predictions over those of forward passes: 1 / ratio')


if __name__ == '__main__':
    main()
