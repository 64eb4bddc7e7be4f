"""List the images of a folder and the classes in their masks, to divide them.

Reads every mask, so that values of no class, masks of another size and files without a
partner are found before a training. Classes are those of codes.txt in the folder, or
given; values without a class are an error that names the file. The list has the layout
of COCO, with a category for each combination of classes that an image shows, and is
what tools/make_split.py draws parts and labelled images from.

Examples:
    python tools/dataset_converters/masks2coco.py data/my_masks \\
        --classes background,0 lesion,128,255
    python tools/make_split.py data/my_masks/annotations/all.json \\
        --divide 0.72 0.08 --out data/my_masks/annotations

    # images of one patient are named patient_number.png
    python tools/dataset_converters/masks2coco.py data/my_masks \\
        --classes background,0 lesion,255 --group-by '^(.*)_'
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.seg.codes import IGNORED, LabelCodes
from ssltoolbox.datasets.seg.codes_file import parse_codes, read_codes
from ssltoolbox.datasets.seg.image_list import Listed, make_image_list
from ssltoolbox.datasets.seg.mask_file import encode_mask, read_mask
from ssltoolbox.datasets.seg.pairs import Pair, find_pairs
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.utils.progress_bar import progress_bar


def classes_of(args: argparse.Namespace) -> dict:
    """Names and codes of the classes."""
    if args.classes:
        return parse_codes(args.classes, '--classes')
    return read_codes(args.root / 'codes.txt')


def listed(pair: Pair, images: Path, codes: LabelCodes, snap: int) -> Listed:
    """Say of an image which classes its mask shows.

    Raises:
        ValueError: Mask and image differ in size, or a value has no class.
    """
    (path,) = pair.masks
    mask, _ = encode_mask(read_mask(path, snap), codes, path, snap)
    with Image.open(pair.image) as image:
        size = image.size
    if mask.shape != size[::-1]:
        raise ValueError(
            f'mask {path} is {mask.shape[1]} x {mask.shape[0]} pixels, its image '
            f'{size[0]} x {size[1]}'
        )
    shown = frozenset(np.unique(mask).tolist())
    return Listed(pair.image.relative_to(images).as_posix(), shown, pair.group)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='folder with images and masks')
    parser.add_argument('--images', default='images', help='sub folder of the images')
    parser.add_argument('--masks', default='masks', help='sub folder of the masks')
    parser.add_argument('--classes', nargs='+', metavar='NAME,VALUE[,VALUE]')
    parser.add_argument('--snap', type=int, default=0, help='as in ssltoolbox.LoadMask')
    parser.add_argument('--group-by', default='', metavar='PATTERN')
    parser.add_argument('--out', type=Path, help='default: <root>/annotations/all.json')
    args = parser.parse_args(argv)
    out = args.out or args.root / 'annotations' / 'all.json'
    classes = classes_of(args)
    codes, images = LabelCodes(classes['codes']), args.root / args.images
    pairs = find_pairs(images, args.root / args.masks, args.group_by)
    found = []
    with progress_bar('reading', len(pairs)) as advance:
        for pair in pairs:
            found.append(listed(pair, images, codes, args.snap))
            advance()
    names = classes['classes']
    unknown = sum(IGNORED in image.classes for image in found)
    found = [replace(image, classes=image.classes - {IGNORED}) for image in found]
    write_json(out, make_image_list(found, names, args.root.name))
    print(f'{out}: {len(found)} images')
    for class_, name in enumerate(names):
        count = sum(class_ in image.classes for image in found)
        print(f'  {name}: in {count} of them' + ' (in none!)' * (not count))
    if unknown:
        print(
            f'  no class (value {IGNORED}, ignored in training): in {unknown} of them'
        )


if __name__ == '__main__':
    main()
