"""Find poses or masks in an image, a folder or a video, draw and write them.

The config tells which: a pose network writes predictions.json (COCO-like), a segmentor
masks/*.png and areas.csv (pixels and share of each class); both draw pictures or a
video. Segmentors may vote, as an ensemble and through fixed views:

    python tools/infer.py CONFIG CHECKPOINT photos/ --out results
    python tools/infer.py CONFIG CHECKPOINT photos/ --out results \\
        --member CONFIG2 CHECKPOINT2 --views flip_lr flip_ud

Masks that are in --out already, made with the same settings, are not made again.
"""

import argparse
import warnings

from rich.console import Console

from ssltoolbox.apis.boxes import Boxes
from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.semi.network_names import CHOICES

ONLY_POSES = dict(boxes='whole', score_thr=0.3, kpt_thr=0.2)
ONLY_MASKS = dict(member=[], weights=None, views=[])
"""Options of one kind of network, and their defaults."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('config', help='config of the trained model (ours or plain mmpose or mmseg)')
    add('checkpoint', help='its checkpoint, a .pth file or URL')
    add('input', help='image, folder (searched in depth) or video')
    add('--out', required=True, help='folder for the results')
    add(
        '--which',
        choices=['auto', *CHOICES],
        default='auto',
        help='network to use; auto: the teacher or the ensemble if there is one',
    )
    add('--batch-size', type=int, metavar='N', help='default: 16 for poses, else 8')
    add('--device', help='such as cuda:0 or cpu; default: the GPU if there is one')
    add('--stage', help='stage of a config with stages; default: the last one')
    add('--no-draw', action='store_true', help='write only the JSON, or the masks')
    add_trust_checkpoint(parser)
    _add_pose(parser.add_argument_group('poses').add_argument)
    _add_masks(parser.add_argument_group('masks').add_argument)
    parser.set_defaults(**ONLY_POSES, **ONLY_MASKS)
    return parser.parse_args(argv)


def _add_pose(add) -> None:
    add(
        '--boxes',
        metavar='FILE',
        help='JSON with boxes: {"a.jpg": [[x, y, w, h]]}, COCO detections or COCO '
        'annotations; default: the whole image is one box. Not for networks that '
        'find all poses of a whole image',
    )
    add(
        '--score-thr',
        type=float,
        metavar='S',
        help='leave out detected boxes with a lower score (default 0.3)',
    )
    add(
        '--kpt-thr',
        type=float,
        metavar='S',
        help='do not draw joints with a lower score (default 0.2)',
    )


def _add_masks(add) -> None:
    add(
        '--member',
        nargs=2,
        action='append',
        metavar=('CONFIG', 'CHECKPOINT'),
        help='a further network of an ensemble; may be given several times',
    )
    add(
        '--weights',
        nargs='+',
        type=float,
        metavar='W',
        help='what each network counts, the first one too (default: all the same)',
    )
    add(
        '--views',
        nargs='+',
        metavar='NAME',
        help='fixed views through which every network looks, too, such as flip_lr',
    )


def show_warnings(console: Console) -> None:
    """Print warnings as one plain line that does not break the progress bar."""

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        console.print(f'warning: {message}', style='yellow', markup=False)

    warnings.showwarning = show


def check_options(args: argparse.Namespace, others: dict, what: str) -> None:
    """Refuse options of the other kind of network."""
    given = [key for key, default in others.items() if getattr(args, key) != default]
    if given:
        named = ', '.join(f'--{key.replace("_", "-")}' for key in given)
        raise ValueError(f'{named}: the network of {args.config} finds {what}')


def infer(args: argparse.Namespace, console: Console) -> str:
    """Choose by the network, and run."""
    from ssltoolbox.apis.config import load_config
    from ssltoolbox.apis.infer_masks import infer_masks
    from ssltoolbox.apis.infer_poses import infer_poses
    from ssltoolbox.apis.model import network_config

    config = load_config(args.config, stage=args.stage)
    fields = dict(which=args.which, device=args.device)
    if args.batch_size is not None:
        fields.update(batch_size=args.batch_size)
    if 'decode_head' in network_config(config):
        check_options(args, ONLY_POSES, 'masks')
        networks = [(config, args.checkpoint)]
        networks += [(load_config(path), weights) for path, weights in args.member]
        fields.update(views=args.views, weights=args.weights)
        draw = not args.no_draw
        return infer_masks(networks, args.input, args.out, draw, console, **fields)
    check_options(args, ONLY_MASKS, 'poses')
    info = {key: getattr(args, key) for key in ('config', 'checkpoint', 'which')}
    return infer_poses(
        config,
        args.checkpoint,
        args.input,
        args.out,
        Boxes(args.boxes, args.score_thr),
        info,
        None if args.no_draw else args.kpt_thr,
        console,
        **fields,
    )


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input, or no image that can be read, is an error."""
    args = parse_args(argv)
    console = Console(stderr=True)
    with warnings.catch_warnings():
        show_warnings(console)
        summary = infer(args, console)
    print(f'{summary}\nwritten to {args.out}')


if __name__ == '__main__':
    main()
