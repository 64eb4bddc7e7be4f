"""Distillations and their rivals on the same few labels: tables, plot and pictures.

FPENet learns by five methods, in as many iterations each. The first base network of the
distillations is the supervised one, and their other bases are the same: every network
is trained once.

    python -m ssltoolbox.testing.toy_polyps
    python benchmarks/distillation.py
    python benchmarks/distillation.py --data em-membrane --cfg-options data_root=FOLDER

Finished runs are not repeated; --jobs runs several at once.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from ssltoolbox.apis.cli import add_cfg_options, command_line
from ssltoolbox.apis.experiments.label_curve import run_curve, run_folder
from ssltoolbox.apis.experiments.label_curve_labels import Budget, number_of_labels
from ssltoolbox.apis.experiments.label_curve_plan import CurvePlan, plan_curve
from ssltoolbox.apis.experiments.mask_sheet import mask_sheet
from ssltoolbox.apis.experiments.runs import best_network

CONFIGS = Path(__file__).parents[1] / 'configs' / 'semiseg'
METHODS = (
    'supervised',
    'data-distillation',
    'model-distillation',
    'model-data-distillation',
    'weak-to-strong',
)
METRICS = ('seg/Dice', 'seg/IoU', 'seg/Dice_per_image')


class Data(NamedTuple):
    """How many images are labelled by default, or which share, and further options."""

    budget: Budget
    options: dict[str, str]


DATA = {
    'toypolyps': Data(
        10, {'labels': 'data/toy_polyps/label_lists/{budget}images_seed{seed}.json'}
    ),
    'em-membrane': Data(0.25, {}),  # 5 of 20 slices, others for each seed
}


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    data = DATA[args.data]
    plan = plan_curve(
        [CONFIGS / f'{args.net}_{args.data}_{method}.py' for method in METHODS],
        args.budgets or [data.budget],
        args.seeds,
        metrics=args.metrics,
        options=data.options | args.cfg_options,
    )
    out = args.out or Path(f'work_dirs/distillation_{args.data}')
    print(f'\n{run_curve(plan, out, args.jobs)[1].read_text()}')
    draw(plan, out, args.pictures)


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = command_line(__doc__)
    add = parser.add_argument
    add('--data', choices=DATA, default='toypolyps')
    add('--net', default='fpenet', help='first part of the names of the configs')
    add(
        '--budgets',
        type=number_of_labels,
        nargs='+',
        help='how many images are labelled, or which share',
    )
    add('--seeds', type=int, nargs='+', default=[0, 1, 2])
    add('--metrics', nargs='+', default=METRICS)
    add('--jobs', type=int, default=1, help='runs at the same time')
    add('--out', type=Path, help='default: work_dirs/distillation_DATA')
    add('--pictures', type=int, default=6, help='test images on the sheet')
    add_cfg_options(parser)
    return parser.parse_args(argv)


def draw(plan: CurvePlan, out: Path, count: int) -> None:
    """Draw what the first seed has learnt from each number of labels."""
    for budget in plan.budgets:
        folders = {
            method: run_folder(out, config, budget, plan.seeds[0])
            for method, config in zip(METHODS, plan.configs, strict=True)
        }
        path = out / f'masks_{budget}.png'
        mask_sheet({name: best_network(f) for name, f in folders.items()}, path, count)
        print(f'pictures: {path}')


if __name__ == '__main__':
    main()
