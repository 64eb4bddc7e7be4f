"""Command line: ``python -m ssltoolbox.testing.toy_instruments --out data/toy``."""

import argparse

from ssltoolbox.testing.drawing.command_line import make_parser, run

from .generate import LAYOUTS, generate

COUNTS = dict(
    endovis=dict(train=240, val=48, seen=96, unseen=96), rmit=dict(frames=180)
)
WIDTHS = dict(endovis=180, rmit=160)


def main(args: list[str] | None = None) -> None:
    """Generate the toy instruments with the options of the command line."""
    # The layout decides which other options there are.
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument('--layout', choices=sorted(LAYOUTS), default='endovis')
    layout = first.parse_known_args(args)[0].layout
    parser = make_parser(
        'toy_instruments',
        'Draw small surgical videos with the joints of the instruments.',
        counts=COUNTS[layout],
    )
    parser.add_argument(
        '--layout',
        choices=sorted(LAYOUTS),
        default='endovis',
        help='of the files; it decides the options, so give it with --help, too',
    )
    parser.add_argument(
        '--width', type=int, default=WIDTHS[layout], help='of the images in pixels'
    )
    if layout == 'endovis':
        parser.add_argument(
            '--annotated-every',
            type=int,
            default=1,
            help='annotate each n-th frame of the training videos',
        )
    run(parser, args, generate, 'toy instruments')


if __name__ == '__main__':
    main()
