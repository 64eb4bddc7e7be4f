"""Command line: ``python -m ssltoolbox.testing.toy_animals --out data/toy_animals``."""

from ssltoolbox.testing.drawing.command_line import make_parser, run

from .generate import generate
from .zoo import SPECIES


def main(args: list[str] | None = None) -> None:
    """Generate the toy animals with the options of the command line."""
    parser = make_parser(
        'toy_animals',
        'Draw a small animal-pose data set in the AP-10K layout.',
        counts=dict(train=1260, val=90, test=180),
        image_size=(128, 160),
    )
    parser.add_argument(
        '--species',
        nargs='+',
        choices=[s.name for s in SPECIES],
        help='draw only these (default: all)',
    )
    run(parser, args, generate, 'toy animals')


if __name__ == '__main__':
    main()
