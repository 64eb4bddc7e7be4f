"""Command line: ``python -m ssltoolbox.testing.toy_animals --out data/toy_animals``."""

import argparse

from .generate import generate
from .zoo import SPECIES


def main(args: list[str] | None = None) -> None:
    """Generate the toy animals with the options of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m ssltoolbox.testing.toy_animals',
        description='Draw a small animal-pose data set in the AP-10K layout.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('--out', default='data/toy_animals', help='folder to write')
    parser.add_argument('--seed', type=int, default=0, help='equal seed, equal bytes')
    for split, count in (('train', 420), ('val', 90), ('test', 90)):
        parser.add_argument(
            f'--num-{split}', type=int, default=count, help=f'{split} images'
        )
    parser.add_argument(
        '--image-size',
        type=int,
        nargs=2,
        default=(128, 160),
        metavar=('MIN', 'MAX'),
        help='smallest and largest image side in pixels',
    )
    parser.add_argument(
        '--species',
        nargs='+',
        choices=[s.name for s in SPECIES],
        help='draw only these (default: all)',
    )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    options = vars(parser.parse_args(args))
    quiet, out = options.pop('quiet'), options.pop('out')
    try:
        root = generate(out, progress=not quiet, **options)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(f'toy animals: {root}')


if __name__ == '__main__':
    main()
