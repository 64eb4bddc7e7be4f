"""Find poses, masks or depth in an image, a folder or a video, draw and write them.

The config tells which: a pose network writes predictions.json (COCO-like), a segmentor
masks/*.png and areas.csv (pixels and share of each class), a depth network depth/*.png
and *.npz, depth.json and clouds of points; all draw pictures or a video. Segmentors may
vote, as an ensemble and through fixed views:

    python tools/infer.py CONFIG CHECKPOINT photos/ --out results
    python tools/infer.py CONFIG CHECKPOINT photos/ --out results \\
        --member CONFIG2 CHECKPOINT2 --views flip_lr flip_ud
    python tools/infer.py CONFIG CHECKPOINT film.mp4 --out results \\
        --clouds --intrinsics 677 677 872 472 --mask mask.bmp

Masks and depth that are in --out already, made with the same settings, are not made
again.
"""

import argparse
import warnings

from rich.console import Console

from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.inference.boxes import Boxes
from ssltoolbox.apis.inference.options import add_options, check_options, window_size
from ssltoolbox.apis.network_kind import network_kind
from ssltoolbox.checkpoints.network_names import CHOICES


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
    add(
        '--stage', help='stage of a config with stages; default: that of the checkpoint'
    )
    add('--no-draw', action='store_true', help='write no pictures, only data')
    add_trust_checkpoint(parser)
    add_options(parser)
    return parser.parse_args(argv)


def show_warnings(console: Console) -> None:
    """Print warnings as one plain line that does not break the progress bar."""

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        console.print(f'warning: {message}', style='yellow', markup=False)

    warnings.showwarning = show


def infer(args: argparse.Namespace, console: Console) -> str:
    """Choose by the network, and run."""
    from ssltoolbox.apis.model import network_config
    from ssltoolbox.apis.stage_of import load_config_of

    config = load_config_of(args.config, args.checkpoint, args.stage)
    kind = network_kind(network_config(config))
    check_options(args, kind)
    fields = dict(which=args.which, device=args.device)
    if args.batch_size is not None:
        fields.update(batch_size=args.batch_size)
    run = {'poses': _poses, 'masks': _masks, 'depth': _depth}[kind]
    return run(args, config, console, fields)


def _poses(args, config, console, fields: dict) -> str:
    from ssltoolbox.apis.inference.poses import infer_poses

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


def _masks(args, config, console, fields: dict) -> str:
    from ssltoolbox.apis.inference.masks import infer_masks
    from ssltoolbox.apis.stage_of import load_config_of

    networks = [(config, args.checkpoint)]
    networks += [(load_config_of(*member), member[1]) for member in args.member]
    fields.update(views=args.views, weights=args.weights)
    return infer_masks(
        networks, args.input, args.out, not args.no_draw, console, **fields
    )


def _depth(args, config, console, fields: dict) -> str:
    from ssltoolbox.apis.inference.depth import infer_depth

    fields.update(
        mask=args.mask,
        intrinsics=args.intrinsics,
        downsampling=args.downsampling,
        size=window_size(args.window),
        use_sfm=not args.no_sfm,
        clouds=args.clouds,
        stride=args.stride,
    )
    return infer_depth(
        config,
        args.checkpoint,
        args.input,
        args.out,
        not args.no_draw,
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
