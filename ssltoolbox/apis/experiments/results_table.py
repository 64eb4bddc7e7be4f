"""Metrics of many runs as one table: mean and standard deviation over seeds."""

import csv
import io
import json
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from ssltoolbox.checkpoints.network_names import CHOICES
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import read_json

Metrics = Mapping[str, float | None]
Cells = dict[str, dict[Hashable, list[float]]]
"""``{row: {column: values of the seeds}}``."""

_SEED = re.compile(r'[_-]?seed[_-]?\d+')
_UNSCALED = re.compile(r'px$|HD95|RMSE$|SqRel$|/d[xy]$|/m(IoU|Dice|Acc)$|/aAcc$')
"""Metrics that are no fractions: in pixels, counts, or mmseg's in percent."""


@dataclass(frozen=True)
class Run:
    """What a test of one training measured.

    Args:
        name: Of the experiment, the same for all its seeds.
        metrics: As ``tools/test.py`` writes them; None for what is undefined.
    """

    name: str
    metrics: Metrics


def read_runs(paths: Iterable[str | Path], split: str = 'test') -> list[Run]:
    """Read the metrics of finished runs.

    Seeds of an experiment are told by their folder's name, from which ``seed<number>``
    is taken away: ``net_10_seed0`` and ``net_10_seed1``, or ``net_10/seed0``.

    Args:
        paths: Work folders, which hold ``metrics_<split>.json``, folders of them, or
            files of metrics by any name, which is then that of the experiment.
        split: ``'val'`` or ``'test'``.

    Returns:
        Sorted by the names of their folders, in the order of ``paths``.

    Raises:
        FileNotFoundError: A path does not exist, or a folder holds no metrics.
        ValueError: A file holds something else.
    """
    file_name, files = f'metrics_{split}.json', []
    for path in map(Path, paths):
        found = sorted(path.rglob(file_name)) if path.is_dir() else [path]
        if not found:
            raise FileNotFoundError(
                f'{path} holds no {file_name}: give folders of finished runs, or '
                f'write it by tools/test.py --split {split} --out FOLDER/{file_name}'
            )
        files += found
    return [Run(_name(file, file_name), _read(file)) for file in files]


def _name(file: Path, usual: str) -> str:
    parts = list(file.resolve().parts[1:])
    parts = parts[:-1] if file.name == usual else [*parts[:-1], file.stem]
    names = [_SEED.sub('', part) for part in parts]
    return next((name for name in reversed(names) if name), file.stem)


def _read(file: Path) -> Metrics:
    content = read_json(file, 'file of metrics', 'tools/test.py --out writes such.')
    plain = isinstance(content, dict) and all(
        value is None or isinstance(value, int | float) for value in content.values()
    )
    if not plain:
        raise ValueError(
            f'{file} is no file of metrics: expected {{"name": number}}, as '
            'tools/test.py --out writes them'
        )
    return content


def by_network(name: str, metrics: Metrics) -> Mapping[str, Metrics]:
    """Give the networks of a run a row each: ``{name, or name and network: metrics}``.

    >>> by_network('net', {'teacher/seg/Dice': 0.5})
    {'net teacher': {'seg/Dice': 0.5}}
    """
    rows: dict[str, dict[str, float | None]] = {}
    for key, value in metrics.items():
        network, _, rest = key.partition('/')
        known = network in CHOICES
        row = f'{name} {network}' if known else name
        rows.setdefault(row, {})[rest if known else key] = value
    return rows


def tabulate(runs: Iterable[Run], metrics: Sequence[str]) -> Cells:
    """Collect the seeds of every experiment: rows are networks, columns metrics.

    Undefined values are left out, so that a cell may hold fewer values than seeds.

    Raises:
        ValueError: No run has a metric.
    """
    table: Cells = {}
    seen: dict[str, None] = {}
    for run in runs:
        for row, values in by_network(run.name, run.metrics).items():
            seen |= dict.fromkeys(values)
            cells = table.setdefault(row, {metric: [] for metric in metrics})
            for metric in metrics:
                if values.get(metric) is not None:
                    cells[metric].append(float(values[metric]))
    absent = [metric for metric in metrics if metric not in seen]
    if absent:
        raise ValueError(
            f'no run has {", ".join(absent)}; choose from: {", ".join(seen) or "none"}'
        )
    return table


def spread(values: Sequence[float]) -> float:
    """Standard deviation of a sample; 0 for a single value."""
    return stdev(values) if len(values) > 1 else 0.0


def cell_text(values: Sequence[float], metric: str, each: bool = False) -> str:
    """Write mean ± standard deviation, fractions in percent.

    Args:
        values: Of the seeds; none gives a dash.
        metric: Its name tells whether it is a fraction.
        each: Add the single values in brackets.

    >>> cell_text([0.5, 0.75], 'seg/Dice', each=True)
    '62.5 ± 17.7 (50.0, 75.0)'
    """
    if not values:
        return '–'
    scale = 1 if _UNSCALED.search(metric) else 100
    text = f'{scale * mean(values):.1f} ± {scale * spread(values):.1f}'
    singles = ', '.join(f'{scale * value:.1f}' for value in values)
    return f'{text} ({singles})' if each else text


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], text: int = 1
) -> str:
    """Set out a table in Markdown.

    Args:
        head: Titles of the columns.
        rows: Cells.
        text: How many columns are set to the left; the others have numbers.
    """
    aligned = ['---'] * text + ['--:'] * (len(head) - text)
    lines = [' | '.join(row) for row in (head, aligned, *rows)]
    return '\n'.join(f'| {line} |' for line in lines)


def as_markdown(table: Cells, metrics: Sequence[str]) -> str:
    """Write rows and metrics, and how many seeds there were."""
    rows = [
        [
            row,
            str(max(map(len, cells.values()), default=0)),
            *(cell_text(cells[metric], metric) for metric in metrics),
        ]
        for row, cells in table.items()
    ]
    return markdown_table(['', 'seeds', *metrics], rows)


def as_csv(table: Cells) -> str:
    """Write a line for each row and column, its values as they were measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(['row', 'column', 'mean', 'std', 'count', 'values'])
    for row, cells in table.items():
        for column, values in cells.items():
            middle = [mean(values), spread(values)] if values else ['', '']
            writer.writerow([row, column, *middle, len(values), json.dumps(values)])
    return text.getvalue()


def write_tables(table: Cells, metrics: Sequence[str], out: str | Path) -> list[Path]:
    """Write ``<out>.md`` and ``<out>.csv``."""
    paths = [Path(f'{out}.md'), Path(f'{out}.csv')]
    write_text(paths[0], as_markdown(table, metrics) + '\n')
    write_text(paths[1], as_csv(table))
    return paths
