"""Compare the annotation of a distillation with the bare forward passes that it needs.

The passes: every member on every view of a batch, of images that are loaded and
normalised already. All else is overhead: reading, changing and resizing images,
softmax, undoing views, averaging, enlarging, and writing the pictures. Then whole jobs
label N and 4 N images, each in a process of its own, whose largest memory is compared.

Examples:
    python benchmarks/annotation_throughput.py
    python benchmarks/annotation_throughput.py --device cuda --batch 32 --workers 8
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from loading import photograph
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from ssltoolbox.apis.benchmarking.timing import (
    add_timing_options,
    interleave,
    machine,
    report,
)
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.jobs.fusion import FusionJob
from ssltoolbox.registry import MODELS, TASK_UTILS

CONFIG = 'configs/semiseg/fpenet_kvasir-seg_data-distillation.py'


def write_images(folder: Path, count: int, width: int, height: int) -> None:
    """Write photograph-like JPEGs."""
    rng = np.random.default_rng(0)
    (folder / 'images').mkdir(parents=True)
    for number in range(count):
        image = photograph(rng, width, height)
        cv2.imwrite(str(folder / f'images/{number:04}.jpg'), image)


def build(args: argparse.Namespace, folder: Path, checkpoints: Path) -> FusionJob:
    """Build the job of a config for a folder of images, its networks untrained."""
    options: dict = {'input_size': tuple(args.size)}
    if args.views is not None:
        options['views'] = args.views
    cfg = load_config(args.config, 'annotate', options)
    init_default_scope(cfg.default_scope)
    job = cfg.job
    classes = job.dataset.sources.unlabelled.dataset.metainfo
    job.dataset.sources.unlabelled = dict(
        type='ssltoolbox.FewShotImageDataset',
        dataset=dict(
            type='ssltoolbox.ImageMaskDataset',
            data_root=str(folder),
            data_prefix=dict(img_path='images'),
            metainfo=classes,
            require_masks=False,
        ),
        labels=None,
        part='unlabelled',
    )
    job.update(batch_size=args.batch, num_workers=args.workers)
    for number, member in enumerate(job.members):
        member.update(checkpoint=str(checkpoints / f'{number}.pth'), weight=1.0)
        if not Path(member.checkpoint).exists():
            torch.manual_seed(number)
            state = MODELS.build(member.network).state_dict()
            torch.save({'state_dict': state}, member.checkpoint)
    return TASK_UTILS.build(job)


@torch.no_grad()
def compare(args: argparse.Namespace, root: Path) -> None:
    """Time batches of the job and bare passes in turns."""
    count = args.batch * (args.rounds + 2)
    write_images(root / 'timed', count, *args.image)
    job = build(args, root / 'timed', root)
    dataset = job.open_dataset()
    networks = [net.to(args.device) for net in (m.load() for m in job.members)]
    loader = DataLoader(
        dataset, args.batch, num_workers=args.workers, collate_fn=job.collate
    )
    views = len(dataset[0]['inputs'])
    width, height = args.size
    images = torch.randn(args.batch, 3, height, width, device=args.device)
    batches = job.predict_all(networks, loader)

    def annotate() -> None:
        ids, *found = next(batches)
        job.record(root / 'store', ids, *found)

    def forwards() -> None:
        for _ in range(views):
            for network in networks:
                network(images, None, mode='tensor')

    names = ', '.join(type(n.decode_head).__name__ for n in networks)
    print(f'{args.config}: {len(networks)} members ({names}) x {views} views')
    print(f'{width} x {height}, batch {args.batch}; {machine(args.device)}')
    bare = f'{views * len(networks)} bare forwards'
    taken = interleave(
        {bare: forwards, 'annotation': annotate}, args.rounds, args.device
    )
    report(taken, bare, args.batch)
    print('throughput of the annotation over that of the forwards: 1 / ratio')


def peak(args: argparse.Namespace, root: Path, count: int) -> float:
    """Label so many images in a process of its own; its largest memory in MiB."""
    folder = root / f'peak_{count}'
    write_images(folder, count, *args.image)
    given = {**vars(args), 'inner': None}
    command = [sys.executable, __file__, '--inner', json.dumps([given, str(folder)])]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ, check=True)
    return float(done.stdout.split()[-1])


def run_whole(given: dict, folder: str) -> None:
    """Run a job as a stage does, and print the largest memory of this process."""
    args = argparse.Namespace(**given)
    job = build(args, Path(folder), Path(folder).parent)
    job.run(Config(dict(work_dir=f'{folder}/run')))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(argv: list[str] | None = None) -> None:
    """Time, then watch the memory."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--batch', type=int, default=4, help='images per batch')
    add_timing_options(parser, rounds=5, threads=False)
    parser.add_argument('--workers', type=int, default=0, help='loading processes')
    parser.add_argument('--size', type=int, nargs=2, default=[320, 320], help='w h')
    parser.add_argument('--image', type=int, nargs=2, default=[620, 530], help='w h')
    parser.add_argument('--views', nargs='*', help="names, the config's by default")
    parser.add_argument('--count', type=int, default=16, help='N, 0: no memory')
    parser.add_argument('--inner', help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    keep_freed_memory()
    if args.inner:
        return run_whole(*json.loads(args.inner))
    with tempfile.TemporaryDirectory() as folder:
        compare(args, Path(folder))
        if args.count:
            few, many = (
                peak(args, Path(folder), n) for n in (args.count, 4 * args.count)
            )
            print(
                f'largest memory: {few:.0f} MiB for {args.count} images, '
                f'{many:.0f} MiB for {4 * args.count}'
            )


if __name__ == '__main__':
    main()
