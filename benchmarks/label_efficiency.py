"""Configs against each other, over label budgets and seeds: tables and a plot.

The first config is the method; one that begins with a stage ``supervised`` too goes on
from the method's own. Rows of the table are configs, one for each network they train.

    python benchmarks/label_efficiency.py --budgets 5 10 20 --seeds 0 1 2
    python benchmarks/label_efficiency.py --budgets 20 \\
        --configs configs/posedual/resnet18_toypersons_posedual-cutout.py \\
            configs/posedual/resnet18_toypersons_supervised.py \\
        --labels 'data/toy_persons/label_lists/{budget}images_seed{seed}.json' \\
        --out work_dirs/toy_persons

Finished runs are not repeated; --jobs runs several at once.
"""

import argparse
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean

import matplotlib

from ssltoolbox.apis.config import read_config, stage_names
from ssltoolbox.apis.results_table import (
    Cells,
    by_network,
    cell_text,
    markdown_table,
    spread,
)
from ssltoolbox.apis.runs import train_and_test
from ssltoolbox.utils.atomic import atomic_path

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402

TOY = Path('configs/scarcenet/resnet18_toyanimals_5shot.py')
SHARED = 'supervised'
"""Stage that a config shares with the first one, where both begin with it."""


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    threads = max((os.cpu_count() or 1) // args.jobs, 1)
    os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    todo = [(budget, seed) for budget in args.budgets for seed in args.seeds]
    with ThreadPoolExecutor(args.jobs) as pool:
        found = dict(
            zip(todo, pool.map(lambda k: run_all(*k, args), todo), strict=True)
        )
    tables = {metric: summarise(found, metric) for metric in args.metrics}
    with atomic_path(args.out / 'label_efficiency.json') as path:
        path.write_text(json.dumps(tables, indent=1))
    plot(tables[args.metrics[0]], args)
    for metric, table in tables.items():
        print(f'\n{as_markdown(metric, table, args)}')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--configs',
        type=Path,
        nargs='+',
        default=[TOY, TOY.with_stem(f'{TOY.stem}_supervised')],
        help='the method first, then what it is compared with',
    )
    parser.add_argument(
        '--labels',
        default='data/toy_animals/label_lists/{budget}shot_seed{seed}.json',
        help='label list, with {budget} and {seed}',
    )
    parser.add_argument('--budgets', type=int, nargs='+', default=[5, 10, 20])
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument(
        '--metrics', nargs='+', default=['coco/AP', 'coco/AP50', 'pck/PCK@0.1']
    )
    parser.add_argument('--jobs', type=int, default=1, help='runs at the same time')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/label_efficiency'))
    return parser.parse_args(argv)


def run_all(budget: int, seed: int, args: argparse.Namespace) -> dict[str, dict]:
    """Train and test every config with the same labels: ``{config: metrics}``."""
    options = {
        'labels': args.labels.format(budget=budget, seed=seed),
        'randomness.seed': seed,
    }
    found, folders = {}, {}
    for config in args.configs:
        name = f'{config.stem}_{budget}_seed{seed}'
        folders[config] = args.out / name
        first = folders[args.configs[0]] / SHARED
        shares = config != args.configs[0] and begins_alike(config, args.configs[0])
        metrics = train_and_test(
            config, folders[config], options, supervised=first if shares else None
        )
        shown = {k: v for k, v in metrics.items() if k.endswith(args.metrics[0])}
        text = ', '.join(
            f'{k} undefined' if v is None else f'{k} {v:.3f}' for k, v in shown.items()
        )
        print(f'{name}: {text}', flush=True)
        found[config.stem] = metrics
    return found


def begins_alike(config: Path, other: Path) -> bool:
    """Whether the first of several stages of both is the one that may be shared."""
    names = [stage_names(read_config(path)) for path in (config, other)]
    return all(len(each) > 1 and each[0] == SHARED for each in names)


def summarise(found: dict, metric: str) -> Cells:
    """``{row: {budget: values of the seeds}}``."""
    table: Cells = {}
    for (budget, _), runs in found.items():
        for config, metrics in runs.items():
            for row, values in by_network(config, metrics).items():
                if values.get(metric) is not None:
                    cells = table.setdefault(row, {}).setdefault(budget, [])
                    cells.append(values[metric])
    return table


def as_markdown(metric: str, table: Cells, args: argparse.Namespace) -> str:
    rows = [
        [row, *(cell_text(cells.get(b, []), metric, each=True) for b in args.budgets)]
        for row, cells in table.items()
    ]
    return markdown_table([metric, *(f'{b} labels' for b in args.budgets)], rows)


def plot(table: dict, args: argparse.Namespace) -> None:
    figure, axes = plt.subplots(figsize=(6, 4), layout='constrained')
    for row, cells in table.items():
        means = [mean(v) for v in cells.values()]
        spreads = [spread(v) for v in cells.values()]
        axes.errorbar(list(cells), means, spreads, marker='o', capsize=3, label=row)
    axes.set(xlabel='labels', ylabel=f'{args.metrics[0]} (test)', xticks=args.budgets)
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')
    with atomic_path(args.out / 'label_efficiency.png') as path:
        figure.savefig(path, dpi=150, format='png')


if __name__ == '__main__':
    main()
