"""Options of ``tools/infer.py`` for one kind of network."""

import argparse
from collections.abc import Callable
from typing import Any

from ssltoolbox.apis.network_kind import Kind

OPTIONS: dict[Kind, dict[str, Any]] = {
    'poses': dict(boxes='whole', score_thr=0.3, kpt_thr=0.2),
    'masks': dict(member=[], weights=None, views=[]),
    'depth': dict(
        mask=None,
        intrinsics=None,
        clouds=None,
        stride=1,
        downsampling=None,
        window=None,
        no_sfm=False,
    ),
}
"""Names of the options, and their defaults."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add a group of options for each kind."""
    groups: dict[Kind, Callable] = {
        'poses': _add_poses,
        'masks': _add_masks,
        'depth': _add_depth,
    }
    for kind, add in groups.items():
        add(parser.add_argument_group(kind).add_argument)
        parser.set_defaults(**OPTIONS[kind])


def check_options(args: argparse.Namespace, kind: Kind) -> None:
    """Refuse options of other kinds of networks.

    Raises:
        ValueError: There is one; names it.
    """
    given = [
        key
        for other, options in OPTIONS.items()
        for key, default in options.items()
        if other != kind and getattr(args, key) != default
    ]
    if given:
        named = ', '.join(f'--{key.replace("_", "-")}' for key in given)
        raise ValueError(f'{named}: the network of {args.config} finds {kind}')


def window_size(text: list[str] | None) -> tuple[int, int] | str | None:
    """Turn ``--window`` into the field ``size`` of the inferencer of depth.

    Raises:
        ValueError: These are not two numbers, nor the word ``all``.
    """
    from ssltoolbox.apis.inference.depth_inferencer import OF_CONFIG

    if text is None:
        return OF_CONFIG
    if text == ['all']:
        return None
    if len(text) != 2 or not all(word.isdecimal() for word in text):
        raise ValueError(
            f"--window takes a width and a height in pixels, or the word 'all', got "
            f'{" ".join(text)}'
        )
    return int(text[0]), int(text[1])


def _add_poses(add) -> None:
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


def _add_depth(add) -> None:
    add(
        '--mask',
        metavar='FILE',
        help='image that is 255 where all pictures show the scene (default: '
        'undistorted_mask.bmp beside a picture, else all of it)',
    )
    add(
        '--intrinsics',
        nargs=4,
        type=float,
        metavar=('FX', 'FY', 'CX', 'CY'),
        help='camera, in pixels of the picture (default: camera_intrinsics_per_view '
        'beside it)',
    )
    add(
        '--clouds',
        nargs='?',
        const='binary',
        choices=['binary', 'ascii'],
        help='write clouds of points as PLY, binary by default',
    )
    add(
        '--stride',
        type=int,
        metavar='N',
        help='clouds with the points of every n-th row and column (default 1)',
    )
    add(
        '--downsampling',
        type=float,
        metavar='S',
        help='make pictures smaller by this (default: as in training), for a camera '
        'with more or fewer pixels',
    )
    add(
        '--window',
        nargs='+',
        metavar='PX',
        help="width and height that the network sees of the smaller picture, or 'all' "
        'that is valid (default: as in training)',
    )
    add(
        '--no-sfm',
        action='store_true',
        help='do not scale depth to structure from motion that lies beside a picture',
    )
