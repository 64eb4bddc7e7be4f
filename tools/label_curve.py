"""How much a method gains over the labels alone, with few labels and with more.

    python tools/label_curve.py CONFIG --labels 5 10 20 --folds 3
    python tools/label_curve.py configs/semiseg/fpenet_toypolyps_data-distillation.py \\
        configs/semiseg/fpenet_toypolyps_weak-to-strong.py --labels 10 20 --jobs 2

Trains each config and the supervised one beside it, with each number of labels, as
often as there are folds, and measures them on the test data. Writes every value as CSV,
tables with means and spreads, and a plot. Killed and started again, it goes on where it
stopped; further numbers and folds may be added later.
"""

import argparse
from pathlib import Path

from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.experiments.label_curve import run_curve
from ssltoolbox.apis.experiments.label_curve_labels import number_of_labels
from ssltoolbox.apis.experiments.label_curve_plan import plan_curve


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('configs', nargs='+', type=Path, metavar='CONFIG', help='configs of methods')
    add(
        '--labels',
        type=number_of_labels,
        nargs='+',
        required=True,
        metavar='N',
        help='numbers of labels, as they are in the names of the label lists; or '
        'shares, with a decimal point',
    )
    folds = parser.add_mutually_exclusive_group()
    folds.add_argument('--folds', type=int, default=3, help='how many (%(default)s)')
    folds.add_argument('--seeds', type=int, nargs='+', help='these folds, from 0')
    add('--against', type=Path, help='supervised config; default: the one beside it')
    add('--metrics', nargs='+', default=[], help='of the tables; the first is drawn')
    add('--jobs', type=int, default=1, help='folds at the same time')
    add('--out', type=Path, help='default: work_dirs/label_curve/NAME OF THE CONFIG')
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    if args.folds < 1 or args.jobs < 1:
        parser.error('--folds and --jobs take numbers from 1')
    return args


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run from the command line."""
    args = parse_args(argv)
    plan = plan_curve(
        args.configs,
        args.labels,
        args.seeds or range(args.folds),
        args.against,
        args.metrics,
        args.cfg_options,
    )
    out = args.out or Path('work_dirs/label_curve') / args.configs[0].stem
    table, text, picture = run_curve(plan, out, args.jobs)
    print(f'\n{text.read_text()}\nwritten to {table}, {text} and {picture}')


if __name__ == '__main__':
    main()
