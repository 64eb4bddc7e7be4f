"""Time a training step and inference of the ten networks of Semi-Seg.

A step is forward pass, cross entropy, backward pass and Adam; inference gives logits of
each pixel of the image. Loading and preprocessing are not part of them. Each network
runs in turns with the one that all are compared with, so that ratios hold on a machine
that is busy with other work.

Examples:
    python benchmarks/segmentation_networks.py
    python benchmarks/segmentation_networks.py --device cuda --batch 16
    python benchmarks/segmentation_networks.py --threads 1 --cpu-seconds --rounds 2
"""

import argparse
import statistics
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from mmengine.structures import PixelData

from ssltoolbox.apis.benchmarking.timing import add_timing_options, interleave, machine
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.seg_networks import PUBLISHED, build_network
from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.engine.memory import keep_freed_memory

prepare_segmentation()

from mmseg.structures import SegDataSample  # noqa: E402

NETWORKS = Path(__file__).parents[1] / 'configs/_base_/models'
Times = list[tuple[float, float]]


def step_and_inference(
    name: str, batch: int, size: Sequence[int], device: str
) -> dict[str, Callable[[], object]]:
    """Build a network with two classes and give its two functions to time."""
    network = build_network(NETWORKS / f'{name}.py').to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    images = torch.randn(batch, 3, *size, device=device)
    masks = torch.randint(2, (batch, 1, *size), device=device)
    metas = [dict(img_shape=tuple(size))] * batch
    samples = [SegDataSample(gt_sem_seg=PixelData(data=mask)) for mask in masks]

    def step() -> None:
        network.train()
        loss, _ = network.parse_losses(network(images, samples, mode='loss'))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def inference() -> None:
        network.eval()
        with torch.no_grad():
            network.encode_decode(images, metas)

    return {'step': step, 'inference': inference}


def columns(own: Times, base: Times, clock: int, units: int) -> str:
    """Median seconds per unit, and median ratio to the base within a round."""
    seconds = [times[clock] for times in own]
    ratios = [a / b[clock] for a, b in zip(seconds, base, strict=True)]
    median = statistics.median
    return f'{median(seconds) / units:.3f} | {median(ratios):.2f}'


def rows(args: argparse.Namespace) -> Iterable[str]:
    """Time one network after the other, each in turns with the base."""
    setting = args.batch, args.size, args.device
    base = step_and_inference(args.base, *setting)
    against = {f'base {kind}': run for kind, run in base.items()}
    clock = 1 if args.cpu_seconds else 0
    for name in args.networks:
        runs = {} if name == args.base else step_and_inference(name, *setting)
        taken = interleave(against | runs, args.rounds, args.device)
        cells = []
        for kind, units in (('step', 1), ('inference', args.batch)):
            against_times = taken[f'base {kind}']
            own = taken.get(kind, against_times)
            cells.append(columns(own, against_times, clock, units))
        yield f'| {PUBLISHED[name].title} | {" | ".join(cells)} |'


def main(argv: list[str] | None = None) -> None:
    """Print the table as markdown."""
    parser = command_line(__doc__)
    parser.add_argument('--networks', nargs='+', choices=PUBLISHED, default=PUBLISHED)
    parser.add_argument(
        '--base', choices=PUBLISHED, default='fpenet', help='has the ratio 1'
    )
    parser.add_argument('--batch', type=int, default=2)
    parser.add_argument('--size', type=int, nargs=2, default=(320, 320), help='H W')
    add_timing_options(parser, rounds=5)
    parser.add_argument(
        '--cpu-seconds',
        action='store_true',
        help='of this process, in place of wall time: where other programs have the '
        'core too; with --threads 1',
    )
    args = parser.parse_args(argv)
    if args.cpu_seconds and (args.threads != 1 or args.device != 'cpu'):
        parser.error('--cpu-seconds counts those of one thread: give --threads 1')
    torch.manual_seed(0)
    keep_freed_memory()
    warnings.filterwarnings('ignore', module='mmseg')
    if args.threads:
        torch.set_num_threads(args.threads)
    unit = 'CPU s' if args.cpu_seconds else 's'
    print(
        f'{args.size[0]} x {args.size[1]}, batch {args.batch}; {machine(args.device)}\n'
    )
    print(f'| network | step, {unit} | ratio | inference, {unit} per image | ratio |')
    print('|---|---:|---:|---:|---:|')
    for row in rows(args):
        print(row, flush=True)


if __name__ == '__main__':
    main()
