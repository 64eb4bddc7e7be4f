"""Command line: ``python -m ssltoolbox.testing.toy_polyps --out data/toy_polyps``."""

from ssltoolbox.testing.drawing.command_line import make_parser, run

from .generate import COUNTS, generate


def main(args: list[str] | None = None) -> None:
    """Generate the toy polyps with the options of the command line."""
    parser = make_parser(
        'toy_polyps',
        'Draw small endoscopic images with exact masks of the polyps.',
        counts=COUNTS,
    )
    run(parser, args, generate, 'toy polyps')


if __name__ == '__main__':
    main()
