"""Command line: ``python -m ssltoolbox.testing.toy_persons --out data/toy_persons``."""

from ssltoolbox.testing.drawing.command_line import make_parser, run

from .generate import generate


def main(args: list[str] | None = None) -> None:
    """Generate the toy persons with the options of the command line."""
    parser = make_parser(
        'toy_persons',
        'Draw a small data set of persons with the keypoints and layout of COCO.',
        counts=dict(train=460, val=50, test=100),
        image_size=(128, 192),
    )
    run(parser, args, generate, 'toy persons')


if __name__ == '__main__':
    main()
