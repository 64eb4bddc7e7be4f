"""Train a config, or all stages of a pipeline.

Examples:
    python tools/train.py configs/scarcenet/resnet18_toyanimals_5shot.py
    python tools/train.py CONFIG --stage supervised --cfg-options data_root=/data/ap10k
"""

import argparse
import os
import sys

from mmengine.config import DictAction

from ssltoolbox.apis.cli import readable_errors
from ssltoolbox.apis.train import train
from ssltoolbox.engine.checkpoint import trust_checkpoints


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
    parser.add_argument(
        '--trust-checkpoint',
        action='store_true',
        help='allow checkpoints that execute code when loaded; for trusted files only',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help='change fields of the config, for example data_root=/data/ap10k',
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    # torch's launchers pass it where they do not set the variable
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    if args.trust_checkpoint:
        trust_checkpoints()
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
