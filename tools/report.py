"""Write the report of a run: curves, pseudo labels, worst cases, in one HTML file.

The page needs no server and no network. It is made from the work dir of any training,
finished or not.

Examples:
    python tools/report.py work_dirs/resnet18_toyanimals_5shot
    python tools/report.py WORK_DIR --out report.html --max-labels 2000
"""

import argparse
import sys
from pathlib import Path

from rich.progress import Progress

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.run_report.report import write_report


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('work_dir', type=Path, help='work dir of the training')
    parser.add_argument('--out', type=Path, help='file to write (WORK_DIR/report.html)')
    parser.add_argument(
        '--max-labels',
        type=int,
        default=10_000,
        help='stored pseudo labels that are shown, of each stage, evenly spread '
        '(%(default)s)',
    )
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with Progress(transient=True) as bars:
        tasks: dict = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f'labels of {stage}', total=total)
            bars.update(tasks[stage], completed=done)

        path = write_report(args.work_dir, args.out, args.max_labels, advance)
    print(f'report: {path} ({path.stat().st_size / 2**20:.1f} MiB)')


if __name__ == '__main__':
    sys.exit(main())
