"""What the command lines of the generated data sets share."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def make_parser(
    name: str,
    description: str,
    counts: Mapping[str, int],
    image_size: tuple[int, int] | None = None,
) -> argparse.ArgumentParser:
    """Make the parser with the options of every generated data set.

    Args:
        name (str): Of the package below ``ssltoolbox.testing``.
        description (str): One sentence.
        counts (Mapping): Default number of images of each split.
        image_size (tuple, optional): Default smallest and largest image side in pixels;
            None where sizes are not random.
    """
    parser = argparse.ArgumentParser(
        prog=f'python -m ssltoolbox.testing.{name}',
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('--out', default=f'data/{name}', help='folder to write')
    parser.add_argument('--seed', type=int, default=0, help='equal seed, equal bytes')
    for split, count in counts.items():
        parser.add_argument(
            f'--num-{split}', type=int, default=count, help=f'{split} images'
        )
    if image_size:
        parser.add_argument(
            '--image-size',
            type=int,
            nargs=2,
            default=image_size,
            metavar=('MIN', 'MAX'),
            help='smallest and largest image side in pixels',
        )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    return parser


def run(
    parser: argparse.ArgumentParser,
    args: Sequence[str] | None,
    generate: Callable[..., Path],
    what: str,
) -> None:
    """Generate with the options of the command line, and say where it is."""
    options = vars(parser.parse_args(args))
    quiet, out = options.pop('quiet'), options.pop('out')
    try:
        root = generate(out, progress=not quiet, **options)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(f'{what}: {root}')
