"""Compare the images of all parts of a config: are test images trained on?

Each training does so before it begins; here nothing is trained, and the work dir is not
touched. docs/leaks.md says what is compared.

Examples:
    python tools/check_leaks.py configs/scarcenet/resnet18_toyanimals_5shot.py
    python tools/check_leaks.py CONFIG --cfg-options data_root=/data/ap10k
"""

import argparse
import json
import sys
from pathlib import Path

from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.data_files import require_data
from ssltoolbox.apis.leaks.leak_check import check_leaks
from ssltoolbox.utils.json_file import write_json


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--out', type=Path, help='JSON file for all that was found')
    add_cfg_options(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    cfg = read_config(args.config, args.cfg_options)
    require_data(cfg)
    report = check_leaks(cfg)
    if args.out:
        write_json(args.out, report.as_dict())
    report.log()
    print(json.dumps(report.counts))
    if report.refusal:
        print(f'a training would be refused: {report.refusal}')
    return int(bool(report.refusal))


if __name__ == '__main__':
    sys.exit(main())
