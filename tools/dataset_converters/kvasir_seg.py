"""Write Kvasir-SEG with lossless masks, as configs/_base_/datasets/kvasir_seg.py reads.

The published masks are JPEG: values near 0 and 255 are given to the nearer of the two,
and it is told how many. Writes <out>/images, <out>/masks (PNG, 0 and 255) and
<out>/annotations/all.json, from which the parts are drawn:

Examples:
    python tools/dataset_converters/kvasir_seg.py Kvasir-SEG --out data/kvasir_seg
    python tools/make_split.py data/kvasir_seg/annotations/all.json \\
        --divide 0.72 0.08 --out data/kvasir_seg/annotations
"""

from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.seg.convert import convert
from ssltoolbox.datasets.seg.pairs import find_pairs, snap_of


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='folder with images/ and masks/')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument(
        '--snap',
        type=int,
        metavar='LEVELS',
        help='largest distance of a value from 0 or 255; 127 by default for JPEG, '
        'which takes all, and 0 for others',
    )
    args = parser.parse_args(argv)
    if args.snap is not None and not 0 <= args.snap <= 127:
        parser.error('--snap is from 0 to 127')
    pairs = find_pairs(args.root / 'images', args.root / 'masks')
    snap = snap_of(pairs) if args.snap is None else args.snap
    done = convert(
        pairs, args.out, ('background', 'polyp'), [[0], [255]], 'Kvasir-SEG', snap
    )
    print(done.summary())


if __name__ == '__main__':
    main()
