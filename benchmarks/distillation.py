"""Distillations and their rivals on the same few labels: tables, plot and pictures.

FPENet learns by five methods, in as many iterations each. The first base network of the
distillations is the supervised one, and their other bases are the same: every network
is trained once.

    python -m ssltoolbox.testing.toy_polyps
    python benchmarks/distillation.py
    python benchmarks/distillation.py --data em-membrane --cfg-options data_root=FOLDER

Finished runs are not repeated; --jobs runs several at once. Options of
label_efficiency.py, such as --budgets and --seeds, may be added.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import label_efficiency

from ssltoolbox.apis.mask_sheet import mask_sheet
from ssltoolbox.apis.runs import best_network

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
    """How many images are labelled by default, and which: options of the configs."""

    budget: int
    labels: str
    options: tuple[str, ...] = ()


DATA = {
    'toypolyps': Data(10, 'data/toy_polyps/label_lists/{budget}images_seed{seed}.json'),
    'em-membrane': Data(5, '{budget}', ('labelled.seed={seed}',)),
}


def main(argv: list[str] | None = None) -> None:
    args, given = parse_args(argv)
    data = DATA[args.data]
    configs = [CONFIGS / f'{args.net}_{args.data}_{method}.py' for method in METHODS]
    options = [*data.options, *args.cfg_options]
    benchmark = ['--configs', *map(str, configs), '--labels', data.labels]
    benchmark += ['--budgets', str(data.budget), '--metrics', *METRICS]
    benchmark += ['--out', f'work_dirs/distillation_{args.data}', *given]
    benchmark += ['--cfg-options', *options] if options else []
    label_efficiency.main(benchmark)
    draw(label_efficiency.parse_args(benchmark), args.pictures)


def parse_args(argv: list[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """Own options, and those for label_efficiency.py."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--data', choices=DATA, default='toypolyps')
    add('--net', default='fpenet', help='first part of the names of the configs')
    add('--pictures', type=int, default=6, help='test images on the sheet')
    add('--cfg-options', nargs='+', default=[], metavar='KEY=VALUE')
    return parser.parse_known_args(argv)


def draw(args: argparse.Namespace, count: int) -> None:
    """Draw what the first seed has learnt from each number of labels."""
    for budget in args.budgets:
        folders = {
            method: label_efficiency.run_folder(args.out, config, budget, args.seeds[0])
            for method, config in zip(METHODS, args.configs, strict=True)
        }
        path = args.out / f'masks_{budget}.png'
        mask_sheet({name: best_network(f) for name, f in folders.items()}, path, count)
        print(f'pictures: {path}')


if __name__ == '__main__':
    main()
