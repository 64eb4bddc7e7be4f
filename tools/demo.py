"""Compare semi-supervised learning with its supervised baseline, in minutes on a CPU.

    python tools/demo.py [--out demo_output]

Draws a data set of animals, trains ScarceNet with 5 labelled images per species, and
for comparison the same network supervised: with the same labels and iterations, and
with all labels. Prints one table and writes pictures. Killed and started again, it goes
on where it stopped.
"""

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.demo_pictures import draw_all
from ssltoolbox.apis.runs import train_and_test
from ssltoolbox.testing.toy_animals.generate import generate
from ssltoolbox.utils.atomic import atomic_path

CONFIGS = Path(__file__).resolve().parents[1] / 'configs' / 'scarcenet'
RUNS = {
    'scarcenet': 'resnet18_toyanimals_5shot.py',
    'supervised': 'resnet18_toyanimals_5shot_supervised.py',
    'all_labels': 'resnet18_toyanimals_full.py',
}
ROWS = [
    ('supervised baseline, 5 labels per species', 'supervised', ''),
    ('ScarceNet, student', 'scarcenet', 'student/'),
    ('ScarceNet, teacher', 'scarcenet', 'teacher/'),
    ('supervised, all labels (upper bound)', 'all_labels', ''),
]
COLUMNS = {'AP': 'coco/AP', 'AP50': 'coco/AP50', 'PCK@0.1': 'pck/PCK@0.1'}


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    start = time.monotonic()
    data = generate(args.out / 'data', progress=sys.stdout.isatty())
    metrics = {}
    for number, (name, config) in enumerate(RUNS.items(), 1):
        line = Status(f'[{number}/{len(RUNS)}] {name}', start)
        options = {'data_root': str(data)}
        shared = args.out / 'runs' / 'scarcenet' / 'supervised'
        metrics[name] = train_and_test(
            CONFIGS / config,
            args.out / 'runs' / name,
            options,
            supervised=shared if name == 'supervised' else None,
            show=line.show,
        )
        line.close()
    table = as_markdown(metrics)
    with atomic_path(args.out / 'table.md') as path:
        path.write_text(table + '\n')
    with atomic_path(args.out / 'metrics.json') as path:
        path.write_text(json.dumps(metrics, indent=1))
    pictures = draw_all(args.out, data, {n: CONFIGS / c for n, c in RUNS.items()})
    took = timedelta(seconds=round(time.monotonic() - start))
    print(f'\n{table}\n\nAll runs take the same number of iterations ({took} in all).')
    print('Pictures:\n' + '\n'.join(f'  {path}' for path in pictures))


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--out', type=Path, default=Path('demo_output'))
    return parser.parse_args(argv)


def as_markdown(metrics: dict[str, dict[str, float]]) -> str:
    head = '| test split | ' + ' | '.join(COLUMNS) + ' |'
    lines = [head, '|---' * (len(COLUMNS) + 1) + '|']
    for title, run, prefix in ROWS:
        cells = [f'{100 * metrics[run][prefix + key]:.1f}' for key in COLUMNS.values()]
        lines.append(f'| {title} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


class Status:
    """One line on a terminal that changes; some lines in a log."""

    def __init__(self, title: str, start: float) -> None:
        self.title, self.start, self.last = title, start, 0.0
        self.terminal = sys.stdout.isatty()

    def show(self, text: str) -> None:
        now = time.monotonic()
        if not self.terminal and now - self.last < 20:
            return
        self.last = now
        elapsed = timedelta(seconds=round(now - self.start))
        width = (os.get_terminal_size().columns if self.terminal else 100) - 1
        line = f'{elapsed} {self.title}: {text}'[:width]
        print(f'\r{line:<{width}}' if self.terminal else line, end='', flush=True)
        if not self.terminal:
            print()

    def close(self) -> None:
        if self.terminal:
            print()


if __name__ == '__main__':
    sys.exit(main())
