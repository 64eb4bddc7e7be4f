"""Compare loading a labelled and an unlabelled person with two images and two warps.

The pipelines are those of PoseDual: box, union of joints, one random view each,
packing; with RandAugment the unlabelled view is packed a second time, in other
colours. RandAugment is part of the method and has no counterpart in the bare work.

Examples:
    python benchmarks/pair_loading.py
    python benchmarks/pair_loading.py --width 500 --height 375 --size 288 384
"""

import tempfile
from pathlib import Path

import cv2
from loading import write_data

from ssltoolbox.apis.benchmarking.timing import interleave, machine, report, resident
from ssltoolbox.apis.cli import command_line
from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.geometry.view import crop_matrix
from ssltoolbox.registry import DATASETS


def build(root: Path, size: tuple[int, int], colour: bool = False):
    """Build a labelled and an unlabelled source of the same generated images."""
    pack = dict(type='ssltoolbox.PackPoseView')
    recoloured = [dict(type='ssltoolbox.ColourRandAugment'), pack]
    views = {
        'labelled': dict(labelled=[pack]),
        'unlabelled': dict(easy=[pack], **(dict(colour=recoloured) if colour else {})),
    }
    images = dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root=str(root),
        ann_file='annotations/ap10k-train-split1.json',
        data_prefix=dict(img='data'),
        metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
    )
    source = dict(type='ssltoolbox.FewShotPoseDataset', dataset=images, labels=None)
    steps = [
        dict(type='ssltoolbox.LoadImage'),
        dict(type='mmpose.GetBBoxCenterScale'),
        dict(type='ssltoolbox.UnionJoints'),
        dict(type='ssltoolbox.RandomView', input_size=size, scale=0.25, rotation=30),
    ]
    sources = {
        part: dict(
            source,
            part=part,
            pipeline=[*steps, dict(type='ssltoolbox.Branches', **branches)],
        )
        for part, branches in views.items()
    }
    return DATASETS.build(dict(type='ssltoolbox.MultiSourceDataset', sources=sources))


def main(argv: list[str] | None = None) -> None:
    """Write the images, time the loading in turns, and watch the memory."""
    parser = command_line(__doc__)
    parser.add_argument('--width', type=int, default=640, help='of an image, px')
    parser.add_argument('--height', type=int, default=480, help='of an image, px')
    parser.add_argument('--size', type=int, nargs=2, default=(192, 256), help='w h, px')
    parser.add_argument('--images', type=int, default=40)
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--epochs', type=int, default=5, help='for the memory')
    args = parser.parse_args(argv)
    cv2.setNumThreads(0)
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        root, size = Path(folder), tuple(args.size)
        write_data(root, args.images, args.width, args.height)
        pairs, recoloured = build(root, size), build(root, size, colour=True)
        center = args.width / 2, args.height / 2
        side = max(args.width * 0.7, args.height * 0.7 * size[0] / size[1]) * 1.25
        matrix = crop_matrix(center, (side, side), 15, size)[:2]

        def bare() -> None:
            for i in range(args.images):
                for j in (i, args.images - 1 - i):
                    image = cv2.imread(
                        str(root / f'data/{j:012d}.jpg'),
                        cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION,
                    )
                    cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)

        def load(dataset) -> None:
            for i in range(args.images):
                dataset[Draw(i, i)]
                dataset[Draw(2 * args.images - 1 - i, i)]

        runs = {
            'read and warp twice': bare,
            'pair': lambda: load(pairs),
            'pair, with RandAugment': lambda: load(recoloured),
        }
        print(f'{args.images} JPEGs of {args.width}x{args.height}; {machine()}')
        taken = interleave(runs, args.rounds)
        report(taken, 'read and warp twice', args.images)
        for epoch in range(args.epochs):
            load(recoloured)
            print(f'resident after epoch {epoch + 1}: {resident():.1f} MiB')


if __name__ == '__main__':
    main()
