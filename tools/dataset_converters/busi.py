"""Write BUSI with one mask per image, as configs/_base_/datasets/busi.py reads it.

The published folder has benign/, malignant/ and normal/; ``benign (4).png`` has the
mask ``benign (4)_mask.png``, and ``benign (4)_mask_1.png`` for a second tumour. The
masks of an image are merged; those of normal images are empty. Writes <out>/images and
<out>/masks (PNG, 0 and 255) with the three sub folders, and <out>/annotations/all.json,
from which the parts are drawn, with their share of each diagnosis:

Examples:
    python tools/dataset_converters/busi.py Dataset_BUSI_with_GT --out data/busi
    python tools/make_split.py data/busi/annotations/all.json \\
        --divide 0.72 0.08 --out data/busi/annotations
"""

import re
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.seg.convert import convert
from ssltoolbox.datasets.seg.paired_files import files_by_name, first
from ssltoolbox.datasets.seg.pairs import Pair, snap_of

KINDS = ('benign', 'malignant', 'normal')
MASK = re.compile(r'^(.*)_mask(?:_\d+)?$')


def find_images(root: Path, kinds: tuple[str, ...]) -> list[Pair]:
    """Gather the images of each diagnosis with all their masks.

    Raises:
        FileNotFoundError: A folder is absent or has no image.
        ValueError: A mask has no image, or an image with a tumour no mask.
    """
    pairs = []
    for kind in kinds:
        if not (root / kind).is_dir():
            raise FileNotFoundError(
                f'{(root / kind).absolute()} does not exist: give the folder '
                f'Dataset_BUSI_with_GT, which has {", ".join(KINDS)}'
            )
        files = files_by_name(root / kind)
        masks: dict[str, list[Path]] = {}
        for name, file in sorted(files.items()):
            if found := MASK.match(name):
                masks.setdefault(found[1], []).append(root / kind / file)
        images = {n: file for n, file in files.items() if not MASK.match(n)}
        alone = sorted(masks.keys() - images.keys())
        bare = sorted(images.keys() - masks.keys()) if kind != 'normal' else []
        if alone or bare:
            raise ValueError(
                f'{root / kind}: {len(alone)} masks have no image '
                f'({first(alone) or "none"}), and {len(bare)} images no mask '
                f'({first(bare) or "none"}). Unpack the archive again'
            )
        pairs += [
            Pair(f'{kind}/{n}', root / kind / f, tuple(masks.get(n, ())), kind=kind)
            for n, f in sorted(images.items())
        ]
    return pairs


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='the folder Dataset_BUSI_with_GT')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument(
        '--without-normal', action='store_true', help='leave out images without tumour'
    )
    args = parser.parse_args(argv)
    pairs = find_images(args.root, KINDS[:2] if args.without_normal else KINDS)
    # masks of 1 bit are read as 0 and 1
    snap = snap_of(pairs)
    codes = [[0], [255]] if snap else [[0], [255, 1]]
    done = convert(pairs, args.out, ('background', 'tumour'), codes, 'BUSI', snap)
    merged = sum(len(pair.masks) > 1 for pair in pairs)
    print(f'{done.summary()}\n{merged} images had several masks, which were merged')


if __name__ == '__main__':
    main()
