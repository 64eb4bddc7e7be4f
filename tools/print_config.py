"""Print a config with all its bases and references put in.

Example:
    python tools/print_config.py configs/scarcenet/hrnet_ap10k_5shot.py --stage semi
"""

import argparse

from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.config import load_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--stage', help='name of a stage; default: the last training')
    add_cfg_options(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    print(load_config(args.config, args.stage, args.cfg_options).pretty_text)


if __name__ == '__main__':
    main()
