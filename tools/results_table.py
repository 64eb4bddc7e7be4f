"""Collect the metrics of finished runs: a table of means and deviations over seeds.

Rows are experiments, one for each network they train; their seeds are told by the names
of the folders (NAME_seed0, NAME_seed1 ... or NAME/seed0 ...).

    python tools/results_table.py work_dirs/polyps --metrics seg/Dice seg/HD95 \\
        --out work_dirs/polyps/table

Prints the table and writes it to OUT.md and, with every single value, to OUT.csv.
"""

import argparse

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.experiments.results_table import (
    as_markdown,
    read_runs,
    tabulate,
    write_tables,
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add(
        'runs',
        nargs='+',
        help='work folders, folders of them, or JSON files of tools/test.py --out',
    )
    add('--metrics', nargs='+', required=True, help='columns, such as seg/Dice')
    add('--split', choices=['val', 'test'], default='test')
    add('--out', help='where to write OUT.md and OUT.csv; default: only print')
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run from the command line."""
    args = parse_args(argv)
    table = tabulate(read_runs(args.runs, args.split), args.metrics)
    print(as_markdown(table, args.metrics))
    if args.out:
        paths = write_tables(table, args.metrics, args.out)
        print(f'\nwritten to {" and ".join(map(str, paths))}')


if __name__ == '__main__':
    main()
