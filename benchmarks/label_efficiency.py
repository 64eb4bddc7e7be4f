"""Configs against each other, over label budgets and seeds: tables and a plot.

Rows of the tables are configs, one for each network they train. Stages with which
several of them begin, such as a supervised one, are trained once.

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
from typing import Any

import matplotlib

from ssltoolbox.apis.cli import add_cfg_options
from ssltoolbox.apis.results_table import (
    Cells,
    by_network,
    cell_text,
    markdown_table,
    spread,
)
from ssltoolbox.apis.runs import train_and_test
from ssltoolbox.utils.atomic import atomic_path, write_text

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

TOY = Path('configs/scarcenet/resnet18_toyanimals_5shot.py')


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
    text = '\n\n'.join(as_markdown(metric, t, args) for metric, t in tables.items())
    write_text(args.out / 'label_efficiency.md', f'{text}\n')
    print(f'\n{text}')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--configs',
        type=Path,
        nargs='+',
        default=[TOY, TOY.with_stem(f'{TOY.stem}_supervised')],
        help='what is compared; what others begin with comes first',
    )
    parser.add_argument(
        '--labels',
        default='data/toy_animals/label_lists/{budget}shot_seed{seed}.json',
        help='label list, or number of images, with {budget} and {seed}; the values '
        'of --cfg-options may hold them, too',
    )
    parser.add_argument('--budgets', type=int, nargs='+', default=[5, 10, 20])
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument(
        '--metrics', nargs='+', default=['coco/AP', 'coco/AP50', 'pck/PCK@0.1']
    )
    parser.add_argument('--jobs', type=int, default=1, help='runs at the same time')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/label_efficiency'))
    add_cfg_options(parser)
    return parser.parse_args(argv)


def run_all(budget: int, seed: int, args: argparse.Namespace) -> dict[str, dict]:
    """Train and test every config with the same labels: ``{config: metrics}``."""
    options = {'labels': args.labels, 'randomness.seed': seed, **args.cfg_options}
    options = {key: filled(value, budget, seed) for key, value in options.items()}
    found: dict[str, dict] = {}
    folders: list[Path] = []
    for config in args.configs:
        folder = run_folder(args.out, config, budget, seed)
        metrics = train_and_test(config, folder, options, finished=folders)
        folders.append(folder)
        shown = {k: v for k, v in metrics.items() if k.endswith(args.metrics[0])}
        text = ', '.join(
            f'{k} undefined' if v is None else f'{k} {v:.3f}' for k, v in shown.items()
        )
        print(f'{folder.name}: {text}', flush=True)
        found[config.stem] = metrics
    return found


def filled(value: Any, budget: int, seed: int) -> Any:
    """Put budget and seed into an option; other braces are those of dictionaries."""
    if not isinstance(value, str):
        return value
    return value.replace('{budget}', str(budget)).replace('{seed}', str(seed))


def run_folder(out: Path, config: Path, budget: int, seed: int) -> Path:
    return out / f'{config.stem}_{budget}_seed{seed}'


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


def plot(table: Cells, args: argparse.Namespace) -> None:
    figure, axes = plt.subplots(figsize=(6, 4), layout='constrained')
    label = f'{args.metrics[0]} (test)'
    if len(args.budgets) > 1:
        plot_budgets(axes, table)
        axes.set(xlabel='labels', ylabel=label, xticks=args.budgets)
        axes.legend(fontsize='small')
    else:
        plot_rows(axes, {row: cells[args.budgets[0]] for row, cells in table.items()})
        axes.set(xlabel=f'{label}, {args.budgets[0]} labels')
    axes.grid(alpha=0.3)
    with atomic_path(args.out / 'label_efficiency.png') as path:
        figure.savefig(path, dpi=150, format='png')


def plot_budgets(axes: Axes, table: Cells) -> None:
    for row, cells in table.items():
        means = [mean(v) for v in cells.values()]
        spreads = [spread(v) for v in cells.values()]
        axes.errorbar(list(cells), means, spreads, marker='o', capsize=3, label=row)


def plot_rows(axes: Axes, table: dict[str, list[float]]) -> None:
    """A line for each row: the seeds as dots, their mean as a bar across."""
    for place, values in enumerate(table.values()):
        axes.plot(values, [place] * len(values), 'o', color='tab:blue', alpha=0.6)
        axes.plot(mean(values), place, '|', color='black', markersize=18, mew=2)
    axes.set_yticks(range(len(table)), list(table))
    axes.invert_yaxis()


if __name__ == '__main__':
    main()
