"""Compare loading three views of a sample with reading an image and warping it thrice.

The pipeline is a config's own: box, views, strong augmentation, packing. It is timed
with and without the strong augmentation, which is part of the method and has no
counterpart in the bare work.

Examples:
    python benchmarks/loading.py
    python benchmarks/loading.py --width 150 --height 150
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
from mmengine.registry import init_default_scope

from ssltoolbox.apis.benchmarking.timing import interleave, machine, report, resident
from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.json_file import write_json

CONFIG = 'configs/scarcenet/hrnet_ap10k_5shot.py'


def photograph(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Draw an image (height, width, 3) that is as smooth as a photograph."""
    coarse = rng.integers(0, 256, (height // 12, width // 12, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def write_data(root: Path, images: int, width: int, height: int) -> None:
    """Write photograph-like JPEGs in the layout of AP-10K, and pseudo labels."""
    rng = np.random.default_rng(0)
    (root / 'data').mkdir(parents=True)
    points = rng.uniform(0.2, 0.8, (images, 17, 2)) * (width, height)
    content = dict(
        categories=[dict(id=1, name='cow', supercategory='Bovidae')],
        images=[],
        annotations=[],
    )
    for i in range(images):
        image = photograph(rng, width, height)
        cv2.imwrite(str(root / f'data/{i:012d}.jpg'), image)
        shape = dict(width=width, height=height)
        content['images'].append(dict(id=i, file_name=f'{i:012d}.jpg', **shape))
        keypoints = np.concatenate([points[i], np.full((17, 1), 2)], 1)
        box = [width * 0.15, height * 0.15, width * 0.7, height * 0.7]
        content['annotations'].append(
            dict(
                id=i,
                image_id=i,
                category_id=1,
                bbox=box,
                area=box[2] * box[3],
                num_keypoints=17,
                keypoints=keypoints.ravel().tolist(),
            )
        )
    write_json(root / 'annotations/ap10k-train-split1.json', content)
    write_json(root / 'labels.json', list(range(images // 10)))
    LabelStore.write(
        root / 'store', range(images), points, rng.random((images, 17)), {}
    )


def build(args: argparse.Namespace, root: Path, **options):
    """Build the training set of the semi-supervised stage on generated data."""
    options.update(data_root=str(root), labels=str(root / 'labels.json'))
    made = {'pseudo_label': {'store': str(root / 'store')}}
    cfg = load_config(args.config, 'semi', options, made)
    init_default_scope(cfg.default_scope)
    return DATASETS.build(cfg.train_dataloader.dataset)


def main(argv: list[str] | None = None) -> None:
    """Write the data, time the loading in turns, and watch the memory."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--width', type=int, default=1200, help='of an image, px')
    parser.add_argument('--height', type=int, default=800, help='of an image, px')
    parser.add_argument('--images', type=int, default=40)
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--epochs', type=int, default=5, help='for the memory')
    args = parser.parse_args(argv)
    cv2.setNumThreads(0)
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_data(root, args.images, args.width, args.height)
        data, plain = build(args, root), build(args, root, strong_augment=[])
        size = plain[0]['inputs']['plain'].shape[:0:-1]
        matrix = np.array(
            [[size[0] / args.width, 0.01, 0], [0, size[0] / args.width, 0]]
        )

        def bare() -> None:
            for i in range(args.images):
                path = str(root / f'data/{i:012d}.jpg')
                image = cv2.imread(
                    path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
                )
                for _ in range(3):
                    cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)

        def load(dataset) -> None:
            for i in range(args.images):
                dataset[Draw(i, i)]

        runs = {
            'read and warp three times': bare,
            'three views': lambda: load(data),
            'three views, no RandAugment': lambda: load(plain),
        }
        print(f'{args.images} JPEGs of {args.width}x{args.height}; {machine()}')
        taken = interleave(runs, args.rounds)
        report(taken, 'read and warp three times', args.images)
        for epoch in range(args.epochs):
            load(data)
            print(f'resident after epoch {epoch + 1}: {resident():.1f} MiB')


if __name__ == '__main__':
    main()
