"""Find what would stop a run before it is queued: no GPU and no data set are needed.

Each stage is resolved, built, and trained for two steps on generated samples.

Examples:
    python tools/check_config.py configs/scarcenet/hrnet_ap10k_5shot.py
    python tools/check_config.py configs/scarcenet/*.py --data
"""

import argparse
import sys
import warnings

from ssltoolbox.apis.checking.checker import Checker
from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('configs', nargs='+', help='config files')
    parser.add_argument('--stage', help='check this stage only')
    parser.add_argument(
        '--data', action='store_true', help='missing data and weights are errors'
    )
    parser.add_argument(
        '--full-size',
        action='store_true',
        help='train at the size of the config, which takes long without a GPU; '
        'by default crops are shrunk to at most 128 px, or 256 px where a network asks '
        'for more',
    )
    add_cfg_options(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    warnings.filterwarnings('ignore')
    checker = Checker(None if args.full_size else 128, need_data=args.data)
    failed = 0
    for config in args.configs:
        report = checker.check(config, args.stage, args.cfg_options)
        print(report.as_text(), flush=True)
        failed += not report.ok
    if len(args.configs) > 1:
        print(f'{len(args.configs) - failed} of {len(args.configs)} configs can be run')
    return int(bool(failed))


if __name__ == '__main__':
    sys.exit(main())
