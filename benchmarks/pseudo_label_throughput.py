"""Compare the pseudo-label job with the bare forward passes that it needs.

The passes: for each batch one plain and one mirrored forward per transform. All else is
overhead: loading, warping, averaging, decoding. Loading is not hidden in other
processes unless ``--workers`` asks for them.

Examples:
    python benchmarks/pseudo_label_throughput.py
    python benchmarks/pseudo_label_throughput.py --device cuda --batch 32 --workers 4
"""

import argparse
import logging
import tempfile
from pathlib import Path

import torch
from loading import write_data
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from ssltoolbox.apis.benchmarking.timing import (
    add_timing_options,
    interleave,
    machine,
    report,
    resident,
    start,
)
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.registry import DATASETS, MODELS, TASK_UTILS

CONFIG = 'configs/scarcenet/hrnet_ap10k_5shot.py'


def build(args: argparse.Namespace, root: Path):
    """Build the job of a config, its network with fresh weights, and its data set."""
    options = {'data_root': str(root), 'backbone_init': None}
    cfg = load_config(args.config, 'pseudo_label', options)
    init_default_scope(cfg.default_scope)
    job = TASK_UTILS.build(cfg.job)
    network = MODELS.build(job.network_cfg)
    logging.disable(logging.INFO)
    network.init_weights()
    logging.disable(logging.NOTSET)
    return job, network.to(args.device).eval(), DATASETS.build(job.dataset_cfg)


@torch.no_grad()
def forwards(network, images: torch.Tensor, count: int) -> None:
    """Run the network ``count`` times on normalised images."""
    for _ in range(count):
        network(images, None, mode='tensor')


def main(argv: list[str] | None = None) -> None:
    """Time batches of the job and bare passes in turns, then watch the memory."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--batch', type=int, default=4, help='instances per batch')
    add_timing_options(parser, rounds=5)
    parser.add_argument('--workers', type=int, default=0, help='loading processes')
    parser.add_argument('--width', type=int, default=1200, help='of an image, px')
    parser.add_argument('--height', type=int, default=800, help='of an image, px')
    args = parser.parse_args(argv)
    start(args.threads)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        # a warm-up batch, and enough for the workers not to run dry early
        write_data(root, args.batch * (args.rounds + 2), args.width, args.height)
        job, network, data = build(args, root)
        loader = DataLoader(
            data, args.batch, num_workers=args.workers, collate_fn=pseudo_collate
        )
        w, h = network.head.decoder.input_size
        images = torch.randn(args.batch, 3, h, w, device=args.device)
        passes = 2 * TASK_UTILS.build(job.tta_cfg).num_transforms
        batches = job.predict(network, loader)
        held = []

        def label_batch() -> None:
            next(batches)
            held.append(resident())

        runs = {
            f'{passes} bare forwards': lambda: forwards(network, images, passes),
            'pseudo-label job': label_batch,
        }
        print(f'{args.config}, batch {args.batch}; {machine(args.device)}')
        taken = interleave(runs, args.rounds, args.device)
        report(taken, f'{passes} bare forwards', args.batch)
        print('resident after each batch:', *(f'{mib:.0f}' for mib in held), 'MiB')
        print('throughput of the job over that of the forwards: 1 / ratio')


if __name__ == '__main__':
    main()
