"""Distil segmentation networks, without a config.

Base networks learn from the labels, label the images of unlabeled_images together, and
the target network learns from all. The data are laid out as for the original program,
semisup-segmentation: codes.txt, Images/{train,valid}, Labels/{train,valid} and
unlabeled_images. The same command goes on where it was stopped.

Examples:
    python -m ssltoolbox.testing.toy_polyps --out data/toy_polyps
    python tools/distill.py --method data --base FPENet --target FPENet \\
        --transforms flip_lr flip_ud --data data/toy_polyps --out work_dirs/data \\
        --batch-size 8 --size 96 96

    python tools/distill.py --method model-data --base DeepLab:resnet101 HRNet MAnet \\
        --target CGNet --transforms 'H Flip' 'V Flip' --data data/kvasir \\
        --out work_dirs/kvasir

    # the config alone, to be changed and trained by tools/train.py
    python tools/distill.py --method model --base PAN OCNet --target LEDNet \\
        --data data/kvasir --out work_dirs/mine --config-only
"""

import argparse
import sys

from ssltoolbox.apis import distill
from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.distillation.call import METHODS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--method', choices=list(METHODS), required=True)
    parser.add_argument(
        '--base',
        nargs='+',
        default=(),
        metavar='NAME[:BACKBONE]',
        help='networks that label the images',
    )
    parser.add_argument(
        '--target', required=True, metavar='NAME[:BACKBONE]', help='the wanted network'
    )
    parser.add_argument(
        '--transforms',
        nargs='+',
        default=(),
        metavar='NAME',
        help='views that the base networks see of an image beside itself',
    )
    parser.add_argument('--data', required=True, help='folder of the data')
    parser.add_argument('--out', required=True, help='folder for the results')
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument(
        '--size', type=int, nargs=2, default=(480, 640), metavar=('H', 'W')
    )
    parser.add_argument(
        '--labels',
        type=_labels,
        default=1.0,
        help='share of the training images that are labelled, a number of them, or a '
        'label list (1.0)',
    )
    parser.add_argument('--epochs', type=int, help='of every training (20)')
    parser.add_argument(
        '--random-weights',
        dest='imagenet',
        action='store_false',
        help='start from random weights, without a download',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--config-only', action='store_true', help='write the config, train nothing'
    )
    add_cfg_options(parser)
    return parser.parse_args(argv)


def _labels(text: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = vars(parse_args(argv))
    for name, path in distill(options=args.pop('cfg_options'), **args).items():
        print(f'{name}: {path}')


if __name__ == '__main__':
    sys.exit(main())
