"""Time the preparation of a sequence, and the loading of a pair of frames.

Preparation is compared with decoding its images, which it cannot do without, and
loading a pair with a training step of FC-DenseNet-57 on it. Both read the images anew.

Examples:
    python benchmarks/sfm_preparation.py --data-root data/endoscopy_sfm
    python benchmarks/sfm_preparation.py --rounds 5 --no-step
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import cv2
import torch

from ssltoolbox.apis.benchmarking.timing import interleave, machine, report
from ssltoolbox.apis.cli import command_line
from ssltoolbox.datasets.depth.cache import prepared
from ssltoolbox.datasets.depth.prepare import SfmSettings, prepare
from ssltoolbox.datasets.depth.sfm_dataset import find_sequences
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.registry import DATASETS, MODELS
from ssltoolbox.testing.toy_tubes.generate import generate

FRAME = [dict(type='ssltoolbox.LoadSfmFrame'), dict(type='ssltoolbox.PackDepthView')]
DECODE, STEP = 'decode the images', 'training step, 1 pair'


def preparation(folder: Path, settings: SfmSettings, rounds: int) -> None:
    """Time the parts of a preparation."""
    raw = SfmSequence.read(folder)
    with tempfile.TemporaryDirectory() as cache:
        prepared(raw, settings, None, Path(cache))
        runs = {
            DECODE: lambda: [cv2.imread(str(path)) for path in raw.images],
            'read the other files': lambda: SfmSequence.read(folder),
            'read and prepare all': lambda: prepare(SfmSequence.read(folder), settings),
            'read, and take from cache': lambda: prepared(
                SfmSequence.read(folder), settings, None, Path(cache)
            ),
        }
        height, width = raw.mask.shape
        print(f'{folder.name}: {len(raw.frames)} frames of {width}x{height} px')
        report(interleave(runs, rounds), DECODE)


def pairs(root: Path, settings: dict[str, Any], rounds: int, step: bool) -> None:
    """Time the loading of a pair, and a step on it."""
    data = DATASETS.build(
        dict(
            type='ssltoolbox.SfmDataset',
            data_root=str(root),
            settings=settings,
            pipeline=[dict(type='ssltoolbox.SfmPair', frame=FRAME)],
            cache=None,
        )
    )
    record = data.get_data_info(0)
    paths = record['img_path'], record['other_path']
    runs = {
        'decode two images': lambda: [cv2.imread(str(path)) for path in paths],
        'load a pair': lambda: data[0],
    }
    if step:
        runs[STEP] = training_step(data[0]['inputs'])
    report(interleave(runs, rounds), STEP if step else 'decode two images')


def training_step(inputs: dict[str, torch.Tensor]):
    """Both frames through the network, backwards, and an update."""
    network = MODELS.build(
        dict(
            type='ssltoolbox.DepthEstimator',
            backbone=dict(type='ssltoolbox.FCDenseNet', depth=57),
            decode_head=dict(type='ssltoolbox.DepthHead', in_channels=192),
        )
    )
    optimizer = torch.optim.SGD(network.parameters(), 1e-4, momentum=0.9)
    images = [image[None].float() / 127.5 - 1 for image in inputs.values()]

    def run() -> None:
        loss = sum(network(image).mean() for image in images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return run


def main(argv: list[str] | None = None) -> None:
    """Time one sequence, of the data or rendered."""
    parser = command_line(__doc__)
    parser.add_argument('--data-root', type=Path, help='without: rendered tubes')
    parser.add_argument('--downsampling', type=float, default=4.0)
    parser.add_argument('--multiple', type=int, default=64)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument(
        '--step', action=argparse.BooleanOptionalAction, default=True, help='time it'
    )
    args = parser.parse_args(argv)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = args.data_root or generate(Path(folder, 'tubes'), patients=1)
        settings = dict(downsampling=args.downsampling, multiple=args.multiple)
        print(machine())
        first = find_sequences(root, None)[0]
        preparation(first, SfmSettings(**settings), args.rounds)
        pairs(root, settings, args.rounds, args.step)


if __name__ == '__main__':
    main()
