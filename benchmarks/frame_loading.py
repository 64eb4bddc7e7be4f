"""Compare loading a sample of a whole frame with reading an image and warping it once.

The pipeline is a config's own: one random view of the frame, packed. It is timed with
the published moves, of which one pastes in a part of a second image and so reads it,
and without those that cut the image: they have no counterpart in the bare work.

Examples:
    python benchmarks/frame_loading.py
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
from loading import photograph
from mmengine.registry import init_default_scope

from ssltoolbox.apis.benchmarking.timing import interleave, machine, report, resident
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.pose.endovis_json import IMAGE_SIZE
from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.json_file import write_json

CONFIG = 'configs/ssl2dpose/daunet_endovis_mean-teacher.py'
CLASSES = ('LeftClasper', 'RightClasper', 'Head', 'Shaft', 'End')
UNCUT = ('translation', 'rotation', 'none')


def write_frames(root: Path, count: int) -> list[Path]:
    """Write a training video of EndoVis'15 with one tool, every frame annotated."""
    rng = np.random.default_rng(0)
    folder = root / 'frames/train1'
    folder.mkdir(parents=True)
    entries, paths = [], []
    for i in range(1, count + 1):
        name = f'img_{i:06d}_raw'
        paths.append(folder / f'{name}_train1.jpg')
        cv2.imwrite(str(paths[-1]), photograph(rng, *IMAGE_SIZE))
        where = rng.uniform(150, 450, (len(CLASSES), 2))
        points = [
            {'class': f'{joint}Point', 'id': 'tool1', 'x': float(x), 'y': float(y)}
            for joint, (x, y) in zip(CLASSES, where, strict=True)
        ]
        entries.append(
            {'annotations': points, 'class': 'image', 'filename': f'{name}.jpg'}
        )
    write_json(root / 'train_labels/train1_labels.json', entries)
    return paths


def build(args: argparse.Namespace, root: Path, **options):
    """Build the training set of the semi-supervised stage; all frames are labelled."""
    options |= {'data_root': str(root), 'train_set.sequences': 'train1'}
    cfg = load_config(args.config, 'semi', options | dict(evaluation_sets=[]))
    init_default_scope(cfg.default_scope)
    config = cfg.train_dataloader.dataset
    config.sources.pop('unlabelled')
    return DATASETS.build(config)


def read_and_warp(paths: list[Path], size: tuple[int, int]) -> None:
    """Do what cannot be left out: one read and one resampling of each frame."""
    scale = size[0] / IMAGE_SIZE[0]
    matrix = np.array([[scale, 0.01, 0], [0, scale, 0]])
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    for path in paths:
        cv2.warpAffine(
            cv2.imread(str(path), flags), matrix, size, flags=cv2.INTER_LINEAR
        )


def main(argv: list[str] | None = None) -> None:
    """Write the frames, time the loading in turns, and watch the memory."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--images', type=int, default=40)
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--epochs', type=int, default=5, help='for the memory')
    args = parser.parse_args(argv)
    cv2.setNumThreads(0)
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = write_frames(root, args.images)
        published = build(args, root)
        uncut = build(args, root, **{'train_view.0.moves': UNCUT})
        height, width = published[0]['inputs']['strong'].shape[1:]

        def load(dataset) -> None:
            for i in range(args.images):
                dataset[Draw(i, i)]

        runs = {
            'read and warp': lambda: read_and_warp(paths, (width, height)),
            'sample': lambda: load(published),
            'sample, no cuts': lambda: load(uncut),
        }
        print(f'{args.images} JPEGs of {IMAGE_SIZE[0]}x{IMAGE_SIZE[1]}; {machine()}')
        report(interleave(runs, args.rounds), 'read and warp', args.images)
        for epoch in range(args.epochs):
            load(published)
            print(f'resident after epoch {epoch + 1}: {resident():.1f} MiB')


if __name__ == '__main__':
    main()
