"""Train a config, or all stages of a pipeline.

Examples:
    python tools/train.py configs/scarcenet/resnet18_toyanimals_5shot.py
    python tools/train.py CONFIG --stage supervised --cfg-options data_root=/data/ap10k
"""

import argparse
import sys

from ssltoolbox.apis.cli import (
    add_cfg_options,
    add_launcher,
    add_trust_checkpoint,
    command_line,
    readable_errors,
)
from ssltoolbox.apis.train import train


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--work-dir', help='folder for results (work_dirs/<config name>)'
    )
    parser.add_argument('--stage', help='run this stage of the config only')
    parser.add_argument(
        '--resume',
        nargs='?',
        const=True,
        default=False,
        help='go on from the latest checkpoint, or from a file. A config with stages '
        'always goes on where it stopped',
    )
    parser.add_argument(
        '--restart',
        action='store_true',
        help='forget what earlier runs of the stages did',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate with the batch',
    )
    add_trust_checkpoint(parser)
    add_cfg_options(parser)
    add_launcher(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    train(
        args.config,
        work_dir=args.work_dir,
        stage=args.stage,
        resume=args.resume,
        amp=args.amp,
        auto_scale_lr=args.auto_scale_lr,
        launcher=args.launcher,
        options=args.cfg_options,
        restart=args.restart,
    )


if __name__ == '__main__':
    sys.exit(main())
