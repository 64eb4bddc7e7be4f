"""Command line: ``python -m ssltoolbox.testing.toy_tubes --out data/toy_tubes``."""

from ssltoolbox.testing.drawing.command_line import make_parser, run

from .generate import generate

OPTIONS = dict(
    patients=(6, 'tubes, with one sequence each'),
    frames=(24, 'frames of each sequence'),
    width=(192, 'of the frames in pixels'),
    points=(420, 'of structure from motion, for each sequence'),
    noise=(0.3, 'of the places where points are found in frames, in pixels'),
    outliers=(0.03, 'share of the points at a wrong depth'),
)


def main(args: list[str] | None = None) -> None:
    """Generate the toy tubes with the options of the command line."""
    parser = make_parser(
        'toy_tubes',
        'Draw endoscopic video of tubes, with its depth and structure from motion.',
        counts={},
    )
    for name, (default, text) in OPTIONS.items():
        parser.add_argument(f'--{name}', type=type(default), default=default, help=text)
    run(parser, args, generate, 'toy tubes')


if __name__ == '__main__':
    main()
