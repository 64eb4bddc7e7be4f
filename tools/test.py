"""Measure a checkpoint on the validation or test data of a config.

All networks of the checkpoint are measured: student and teacher, or net1, net2 and
their ensemble.

Examples:
    python tools/test.py CONFIG work_dirs/NAME/semi/epoch_150.pth --split test
    python tools/test.py CONFIG work_dirs/NAME/supervised/epoch_210.pth --out ap.json
"""

import argparse

from mmengine.dist import is_main_process

from ssltoolbox.apis.cli import (
    add_cfg_options,
    add_launcher,
    add_trust_checkpoint,
    command_line,
    readable_errors,
)
from ssltoolbox.apis.test import metrics_table, test
from ssltoolbox.checkpoints.network_names import CHOICES


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='its weights, of any stage')
    parser.add_argument(
        '--which',
        choices=[*CHOICES, 'both'],
        help='networks to measure; default: all that the checkpoint holds',
    )
    parser.add_argument('--stage', help='default: the one that made the checkpoint')
    parser.add_argument('--split', choices=['val', 'test'], default='val')
    parser.add_argument(
        '--work-dir', help='for the log; default: test/ in that of the run'
    )
    parser.add_argument('--out', metavar='FILE.json', help='write the metrics there')
    add_trust_checkpoint(parser)
    add_cfg_options(parser)
    add_launcher(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    metrics = test(
        args.config,
        args.checkpoint,
        which=args.which,
        stage=args.stage,
        split=args.split,
        work_dir=args.work_dir,
        out=args.out,
        launcher=args.launcher,
        options=args.cfg_options,
    )
    if is_main_process():
        print(metrics_table(metrics))


if __name__ == '__main__':
    main()
