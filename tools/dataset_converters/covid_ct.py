"""Write slices of COVID-19 CT as configs/_base_/datasets/covid_ct.py reads them.

Semi-Seg says of its data that they are 2724 slices, and no more. This reads the plain
layout in which collections of such slices are handed out: a folder of images and one of
masks of the same names (8 or 16 bits, grey or RGB; no DICOM or NIfTI volumes, whose
slices have to be written with a fixed window first). In masks 0 is background, and 1 or
255 infection; other values are refused.

Slices of one scan are alike, so that a scan goes to one part as a whole: the name of
the scan is that of the file without the number at its end. Writes <out>/images,
<out>/masks (PNG, 0 and 255) and <out>/annotations/all.json, from which the parts are
drawn:

Examples:
    python tools/dataset_converters/covid_ct.py covid --out data/covid_ct
    python tools/make_split.py data/covid_ct/annotations/all.json \\
        --divide 0.72 0.08 --group-by group --out data/covid_ct/annotations
"""

from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.seg.convert import convert
from ssltoolbox.datasets.seg.pairs import find_pairs, snap_of

SCAN = r'^(.*?)[_\- ]*\d*$'


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='folder with both')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--images', default='images', help='sub folder of the images')
    parser.add_argument('--masks', default='masks', help='sub folder of the masks')
    parser.add_argument(
        '--group-by',
        default=SCAN,
        metavar='PATTERN',
        help='searched in a name without suffix; its first bracket is the scan. Empty '
        'if scans are unknown',
    )
    args = parser.parse_args(argv)
    pairs = find_pairs(args.root / args.images, args.root / args.masks, args.group_by)
    snap = snap_of(pairs)
    # noise of JPEG around 0 must not be taken for the value 1
    codes = [[0], [255]] if snap else [[0], [255, 1]]
    done = convert(
        pairs, args.out, ('background', 'infection'), codes, 'COVID-19 CT', snap
    )
    print(done.summary())


if __name__ == '__main__':
    main()
