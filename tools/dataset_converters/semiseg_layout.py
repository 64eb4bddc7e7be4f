"""Arrange a divided data set in the folders of Semi-Seg, for tools/distill.py.

Reads images, masks and the lists of tools/make_split.py, and writes codes.txt,
Images/{train,valid,test} and Labels/{train,valid,test}. Training images that --labels
leaves out go to unlabeled_images without their masks, and so do all images of --pool.

Examples:
    python tools/dataset_converters/semiseg_layout.py data/kvasir_seg \\
        --classes background,0 polyp,255 --labels 0.2 --out data/kvasir_layout
"""

import argparse
import shutil
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.seg.codes_file import parse_codes, read_codes, write_codes
from ssltoolbox.datasets.seg.paired_files import files_by_name
from ssltoolbox.datasets.seg.semiseg import POOL
from ssltoolbox.utils.atomic import atomic_folder
from ssltoolbox.utils.image_file import IMAGE_SUFFIXES
from ssltoolbox.utils.progress_bar import progress_bar

SPLITS = dict(train='train', val='valid', test='test')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='folder of the data set')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--images', default='images', help='sub folder of the images')
    parser.add_argument('--masks', default='masks', help='sub folder of the masks')
    parser.add_argument(
        '--lists',
        default='annotations/all_{}.json',
        metavar='NAME',
        help='lists of the parts, {} stands for train, val and test',
    )
    parser.add_argument(
        '--classes',
        nargs='+',
        metavar='NAME,VALUE[,VALUE]',
        help='default: those of <root>/codes.txt',
    )
    parser.add_argument(
        '--labels',
        type=labels,
        default=1.0,
        help='share of the training images (with a decimal point), number of them, or '
        'label list',
    )
    parser.add_argument('--seed', type=int, default=0, help='of a share of labels')
    parser.add_argument('--pool', type=Path, help='folder of images without masks')
    return parser.parse_args(argv)


def labels(text: str) -> int | float | str:
    """A number, a share or a label list."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def arrange(args: argparse.Namespace, folder: Path) -> dict[str, int]:
    """Copy everything to ``folder``; return how many images each place got."""
    classes = (
        parse_codes(args.classes, '--classes')
        if args.classes
        else read_codes(args.root / 'codes.txt')
    )
    counts = {}
    for name, split in SPLITS.items():
        data = dict(
            type='ssltoolbox.ImageMaskDataset',
            data_root=str(args.root),
            ann_file=args.lists.format(name),
            data_prefix=dict(img_path=args.images, seg_map_path=args.masks),
            mask_suffix=IMAGE_SUFFIXES,
            metainfo=classes,
        )
        wanted = args.labels if name == 'train' else None
        part = FewShotImageDataset(data, wanted, 'all', seed=args.seed)
        with progress_bar(split, len(part)) as advance:
            for index in range(len(part)):
                place = copy(part.get_data_info(index), folder, split)
                counts[place] = counts.get(place, 0) + 1
                advance()
    if args.pool:
        for file in files_by_name(args.pool).values():
            put(args.pool / file, folder / POOL / 'pool' / file)
            counts[POOL] = counts.get(POOL, 0) + 1
    write_codes(folder / 'codes.txt', classes['classes'], classes['codes'])
    return counts


def copy(record: dict, folder: Path, split: str) -> str:
    """Copy an image, and its mask if it is labelled; return where the image went."""
    image, name = Path(record['img_path']), record['frame']
    if not record['labelled']:
        put(image, folder / POOL / f'{name}{image.suffix}')
        return POOL
    put(image, folder / 'Images' / split / f'{name}{image.suffix}')
    mask = Path(record['seg_map_path'])
    put(mask, folder / 'Labels' / split / f'{name}{mask.suffix}')
    return f'Images/{split}'


def put(source: Path, target: Path) -> None:
    """Copy a file; missing folders are made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    args = parse_args(argv)
    with atomic_folder(args.out) as folder:
        counts = arrange(args, folder)
    print(f'{args.out}: ' + ', '.join(f'{n} in {place}' for place, n in counts.items()))


if __name__ == '__main__':
    main()
