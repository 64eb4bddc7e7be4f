"""Compare semi-supervised learning with its supervised baseline, in minutes on a CPU.

    python tools/demo.py [--out demo_output]

Draws a data set of animals, trains ScarceNet with 5 labelled images per species, and
for comparison the same network supervised: with the same labels and iterations, and
with all labels. Two runs at a time, each on half of the cores. Prints one table and
writes pictures and a report for a browser. Killed and started again, it goes on where
it stopped.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event, Lock

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.demo_pictures import draw_all
from ssltoolbox.apis.experiments.runs import train, train_and_test
from ssltoolbox.apis.run_report.report import write_report
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
    metrics = run_all(args.out / 'runs', {'data_root': str(data)}, Status(start))
    table = as_markdown(metrics)
    with atomic_path(args.out / 'table.md') as path:
        path.write_text(table + '\n')
    with atomic_path(args.out / 'metrics.json') as path:
        path.write_text(json.dumps(metrics, indent=1))
    pictures = draw_all(args.out, data, {n: CONFIGS / c for n, c in RUNS.items()})
    report = write_report(args.out / 'runs' / 'scarcenet', args.out / 'report.html')
    took = timedelta(seconds=round(time.monotonic() - start))
    print(f'\n{table}\n\nAll runs take the same number of iterations ({took} in all).')
    print('Pictures:\n' + '\n'.join(f'  {path}' for path in pictures))
    print(f'Report of ScarceNet, for a browser:\n  {report}')


def run_all(out: Path, options: dict, status: 'Status') -> dict[str, dict]:
    """Train and test everything: ScarceNet beside the two supervised runs."""
    # a network this small does not gain from a second thread; a second run does
    threads = max((os.cpu_count() or 1) // 2, 1)
    os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    stage_ended = Event()

    def run(name: str, *finished: Path) -> dict[str, float]:
        config, show = CONFIGS / RUNS[name], partial(status.show, name)
        if name == 'scarcenet':
            try:
                train(config, out / name, options, show, stage='supervised')
            finally:
                stage_ended.set()
        return train_and_test(config, out / name, options, finished=finished, show=show)

    def supervised() -> dict[str, dict]:
        found = {'all_labels': run('all_labels')}
        stage_ended.wait()
        return {**found, 'supervised': run('supervised', out / 'scarcenet')}

    with ThreadPoolExecutor(2) as pool:
        scarcenet, rest = pool.submit(run, 'scarcenet'), pool.submit(supervised)
        try:
            metrics = {'scarcenet': scarcenet.result(), **rest.result()}
        finally:
            status.close()
    return metrics


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

    def __init__(self, start: float) -> None:
        self.start, self.lock = start, Lock()
        self.texts: dict[str, str] = {}
        self.printed = 0.0
        self.terminal = sys.stdout.isatty()

    def show(self, name: str, text: str) -> None:
        """Print where a run stands, beside the others."""
        with self.lock:
            self.texts[name] = text
            now = time.monotonic()
            if not self.terminal and now - self.printed < 20:
                return
            self.printed = now
            self._print(timedelta(seconds=round(now - self.start)))

    def _print(self, elapsed: timedelta) -> None:
        line = f'{elapsed} ' + ' | '.join(f'{n}: {t}' for n, t in self.texts.items())
        if not self.terminal:
            print(line, flush=True)
            return
        width = os.get_terminal_size().columns - 1
        print(f'\r{line[:width]:<{width}}', end='', flush=True)

    def close(self) -> None:
        """Leave the line."""
        if self.terminal:
            print()


if __name__ == '__main__':
    sys.exit(main())
