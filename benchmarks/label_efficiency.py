"""A method against its supervised baseline, over label budgets and seeds.

Both take the same number of iterations, with the same augmentation and labels.

    python benchmarks/label_efficiency.py --budgets 5 10 20 --seeds 0 1 2
    python benchmarks/label_efficiency.py --budgets 10 \\
        --config configs/scarcenet/resnet18_mirror-mouse_10shot.py \\
        --baseline configs/scarcenet/resnet18_mirror-mouse_10shot_supervised.py \\
        --labels 'data/mirror_mouse/label_lists/{budget}_seed{seed}.json'

Finished runs are not repeated; --jobs runs several at once.
"""

import argparse
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, stdev

import matplotlib

from ssltoolbox.apis.runs import train_and_test
from ssltoolbox.utils.atomic import atomic_path

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402

CONFIGS = Path('configs/scarcenet')
ROWS = {
    'supervised': ('baseline', ''),
    'student': ('method', 'student/'),
    'teacher': ('method', 'teacher/'),
}


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    threads = max((os.cpu_count() or 1) // args.jobs, 1)
    os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    todo = [(budget, seed) for budget in args.budgets for seed in args.seeds]
    with ThreadPoolExecutor(args.jobs) as pool:
        pairs = list(pool.map(lambda key: run_pair(*key, args), todo))
    found = {
        (*key, kind): metrics
        for key, pair in zip(todo, pairs, strict=True)
        for kind, metrics in pair.items()
    }
    tables = {metric: summarise(found, metric, args) for metric in args.metrics}
    with atomic_path(args.out / 'label_efficiency.json') as path:
        path.write_text(json.dumps(tables, indent=1))
    plot(tables[args.metrics[0]], args)
    for metric, table in tables.items():
        print(f'\n{as_markdown(metric, table, args)}')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    toy = CONFIGS / 'resnet18_toyanimals_5shot.py'
    parser.add_argument('--config', type=Path, default=toy)
    parser.add_argument(
        '--baseline', type=Path, default=toy.with_stem(f'{toy.stem}_supervised')
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


def run_pair(budget: int, seed: int, args: argparse.Namespace) -> dict[str, dict]:
    """Run the method, then the baseline, which shares its supervised stage."""
    method = run(budget, seed, 'method', args)
    shared = args.out / f'method_{budget}_seed{seed}' / 'supervised'
    return {'method': method, 'baseline': run(budget, seed, 'baseline', args, shared)}


def run(
    budget: int,
    seed: int,
    kind: str,
    args: argparse.Namespace,
    supervised: Path | None = None,
) -> dict[str, float]:
    labels = args.labels.format(budget=budget, seed=seed)
    config = args.config if kind == 'method' else args.baseline
    name = f'{kind}_{budget}_seed{seed}'
    options = {'labels': labels, 'randomness.seed': seed}
    metrics = train_and_test(config, args.out / name, options, supervised=supervised)
    shown = {k: v for k, v in metrics.items() if k.endswith(args.metrics[0])}
    print(f'{name}: ' + ', '.join(f'{k} {v:.3f}' for k, v in shown.items()), flush=True)
    return metrics


def summarise(found: dict, metric: str, args: argparse.Namespace) -> dict:
    return {
        row: {
            budget: [found[budget, seed, kind][prefix + metric] for seed in args.seeds]
            for budget in args.budgets
        }
        for row, (kind, prefix) in ROWS.items()
    }


def as_markdown(metric: str, table: dict, args: argparse.Namespace) -> str:
    scale = 1 if metric.endswith('_px') else 100
    lines = [
        f'| {metric} | ' + ' | '.join(f'{b} labels' for b in args.budgets) + ' |',
        '|---' * (len(args.budgets) + 1) + '|',
    ]
    for row, cells in table.items():
        texts = [
            f'{scale * mean(v):.1f} ± {scale * spread(v):.1f}' for v in cells.values()
        ]
        lines.append(f'| {row} | ' + ' | '.join(texts) + ' |')
    return '\n'.join(lines)


def spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


def plot(table: dict, args: argparse.Namespace) -> None:
    figure, axes = plt.subplots(figsize=(6, 4), layout='constrained')
    for row, cells in table.items():
        means = [mean(v) for v in cells.values()]
        spreads = [spread(v) for v in cells.values()]
        axes.errorbar(args.budgets, means, spreads, marker='o', capsize=3, label=row)
    axes.set(xlabel='labels', ylabel=f'{args.metrics[0]} (test)', xticks=args.budgets)
    axes.grid(alpha=0.3)
    axes.legend()
    with atomic_path(args.out / 'label_efficiency.png') as path:
        figure.savefig(path, dpi=150, format='png')


if __name__ == '__main__':
    main()
