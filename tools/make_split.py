"""Draw label lists from a COCO-style annotation file, or divide the file.

Lists are seeded, without repeats, stratified by category, and nested: for one seed
the 5 images per class are among the 10 per class. Each is written with its checksum
and parameters, so that a result can say exactly which images were labelled.

Examples:
    # 5, 10 and 20 images per species, three folds (seeds 0, 1, 2)
    python tools/make_split.py data/ap10k/annotations/ap10k-train-split1.json \\
        --per-class 5 10 20 --folds 3 --out data/ap10k/label_lists \\
        --forbid data/ap10k/annotations/ap10k-val-split1.json

    # 1, 5 and 10 percent of the images; a video is labelled wholly or not at all
    python tools/make_split.py train.json --fractions 1 5 10 --group-by video_id \\
        --out lists
    python tools/make_split.py train.json --count 10 --group-by 'regex:^(.*)/img' \\
        --out lists

    # 1000 persons, whoever else is in their images
    python tools/make_split.py data/coco/annotations/person_keypoints_train2017.json \\
        --count 1000 --instances --out data/coco/label_lists

    # 60 images to train, 20 to validate, the rest to test
    python tools/make_split.py mouse.json --divide 60 20 --out annotations
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.label_list import LabelList
from ssltoolbox.datasets.splits import (
    classes_of_images,
    divide,
    group_by,
    instances_as_images,
    label_order,
    take_count,
    take_per_class,
    take_percent,
)
from ssltoolbox.utils.json_file import write_json

PARTS = ('train', 'val', 'test')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    parser.add_argument('annotations', type=Path, help='COCO-style JSON file')
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    what = parser.add_argument_group('what to draw (one or more)')
    what.add_argument('--per-class', type=int, nargs='+', default=[], metavar='N')
    what.add_argument(
        '--fractions', type=float, nargs='+', default=[], metavar='PERCENT'
    )
    what.add_argument('--count', type=int, nargs='+', default=[], metavar='N')
    what.add_argument(
        '--instances',
        action='store_true',
        help='count and list single annotated instances instead of images',
    )
    what.add_argument(
        '--divide',
        type=float,
        nargs='+',
        metavar='SIZE',
        help='write train, val and (third size, or the rest) test files instead; '
        'numbers of images, or shares below 1',
    )
    parser.add_argument('--seed', type=int, default=0, help='seed of the first fold')
    parser.add_argument('--folds', type=int, default=1, help='seeds to draw with')
    parser.add_argument(
        '--group-by',
        metavar='FIELD',
        help="field of the images, or 'regex:...' on file_name; groups stay whole",
    )
    parser.add_argument(
        '--forbid',
        type=Path,
        nargs='+',
        default=[],
        metavar='FILE',
        help='annotation files of validation and test data, to refuse a leak',
    )
    parser.add_argument('--dataset', default='', help='name noted in the lists')
    args = parser.parse_args(argv)
    check_args(parser, args)
    return args


def check_args(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if bool(args.divide) == bool(args.per_class or args.fractions or args.count):
        parser.error('give --divide, or some of --per-class, --fractions and --count')
    if args.seed < 0 or args.folds < 1:
        parser.error('--seed is at least 0 and --folds at least 1')
    if args.divide and args.instances:
        parser.error('--divide keeps images whole; leave --instances out')
    if args.divide and args.folds > 1:
        parser.error('--divide writes one division; choose it with --seed')


def draw(coco: dict, args: argparse.Namespace) -> Iterator[tuple[str, LabelList]]:
    """Draw every list that was asked for, with a name."""
    group_of = group_by(args.group_by) if args.group_by else None
    kinds = [
        ('per_class', '{}shot', take_per_class, args.per_class),
        ('percent', '{:g}percent', take_percent, args.fractions),
        ('count', '{}' if args.instances else '{}images', take_count, args.count),
    ]
    suffix, key = ('instances', 'annotation_id') if args.instances else ('', 'image_id')
    for seed in range(args.seed, args.seed + args.folds):
        order = label_order(coco, seed, group_of)
        if not order:
            raise ValueError(f'{args.annotations}: no instance is labelled')
        for kind, name, take, sizes in kinds:
            for size in sizes:
                params = dict(
                    annotations=args.annotations.name,
                    seed=seed,
                    group_by=args.group_by,
                )
                made = LabelList(
                    tuple(take(order, size)),
                    key=key,
                    dataset=args.dataset or coco.get('info', {}).get('description', ''),
                    params=params | {kind: size},
                )
                size_name = name.format(size) + suffix
                yield f'{args.annotations.stem}_{size_name}_fold{seed}', made


def write_lists(coco: dict, args: argparse.Namespace) -> None:
    """Draw, check, write and print a table of what was written."""
    held_out = {
        image['id']
        for path in args.forbid
        for image in read_coco(path, required=('images',))['images']
    }
    unit, forbidden = 'images', held_out
    if args.instances:
        annotations = coco['annotations']
        forbidden = {a['id'] for a in annotations if a['image_id'] in held_out}
        unit, coco = 'instances', instances_as_images(coco)
    classes = classes_of_images(coco)
    known = [image['id'] for image in coco['images']]
    made = list(draw(coco, args))
    # Nothing is written before everything is known to be right.
    for _, labels in made:
        labels.check(known, forbidden, what=str(args.annotations))
    print(
        f'{len(classes)} {unit} can be labelled, {len(set(classes.values()))} classes'
    )
    print(f'{"list":44} {unit:>9} {"classes":>7} {"per class":>9}  sha256')
    for name, labels in made:
        labels.write(args.out / f'{name}.json')
        counts = Counter(classes[image] for image in labels.ids).values()
        spread = f'{min(counts)}-{max(counts)}'
        print(
            f'{name:44} {len(labels):9} {len(counts):7} {spread:>9}  '
            f'{labels.sha256[:12]}'
        )


def write_division(coco: dict, args: argparse.Namespace) -> None:
    """Divide the file, write the parts and print their sizes."""
    group_of = group_by(args.group_by) if args.group_by else None
    if len(args.divide) > len(PARTS):
        raise ValueError(f'--divide takes two or three sizes, got {args.divide}')
    parts = divide(coco, args.divide, args.seed, group_of)
    left = len(coco['images']) - sum(len(part['images']) for part in parts)
    if left:
        print(f'{left} images without a labelled instance are in no part')
    for name, part in zip(PARTS, parts, strict=False):
        path = args.out / f'{args.annotations.stem}_{name}.json'
        write_json(path, part)
        print(
            f'{path}: {len(part["images"])} images, '
            f'{len(part["annotations"])} annotations'
        )


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    args = parse_args(argv)
    coco = read_coco(args.annotations)
    (write_division if args.divide else write_lists)(coco, args)


if __name__ == '__main__':
    main()
