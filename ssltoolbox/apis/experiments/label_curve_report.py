"""Tables and a plot of what was reached with each number of labels."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ssltoolbox.apis.experiments.label_curve_labels import Budget
from ssltoolbox.apis.experiments.label_curve_plan import CurvePlan
from ssltoolbox.apis.experiments.results_table import (
    Cells,
    Metrics,
    by_network,
    cell_text,
    markdown_table,
    spread,
)
from ssltoolbox.utils.atomic import atomic_path, write_text

STEM = 'label_curve'
SAME_LABELS = (
    'All folds of a number of labels have the same labels: they differ in initial '
    'weights and order alone.'
)


class Measured(NamedTuple):
    """What one run reached.

    ``config`` is the name of its file, ``budget`` the number of labels, ``seed`` the
    fold, ``metrics`` are of the test data.
    """

    config: str
    budget: Budget
    seed: int
    metrics: Metrics


def write_curve(runs: Sequence[Measured], plan: CurvePlan, out: Path) -> list[Path]:
    """Write ``label_curve.csv``, every value; ``.md``, tables; and ``.png``, a plot.

    Raises:
        ValueError: No run has a metric of the plan.
    """
    files = [out / f'{STEM}{suffix}' for suffix in ('.csv', '.md', '.png')]
    write_text(files[0], as_csv(runs))
    tables = {metric: tabulate(runs, metric) for metric in plan.metrics}
    write_text(files[1], as_markdown(tables, plan))
    plot(tables[plan.metrics[0]], plan, files[2])
    return files


def tabulate(runs: Iterable[Measured], metric: str) -> Cells:
    """``{network: {number of labels: values of the folds}}``.

    Raises:
        ValueError: No run has the metric.
    """
    table: Cells = {}
    known: dict[str, None] = {}
    for run in runs:
        for row, values in by_network(run.config, run.metrics).items():
            known |= dict.fromkeys(values)
            if values.get(metric) is not None:
                cells = table.setdefault(row, {}).setdefault(run.budget, [])
                cells.append(float(values[metric]))
    if metric not in known:
        raise ValueError(
            f'no run has {metric}; choose by --metrics from: {", ".join(known)}'
        )
    return table


def as_csv(runs: Iterable[Measured]) -> str:
    """Write a line for each value of each run, as it was measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(['network', 'labels', 'fold', 'metric', 'value'])
    for run in runs:
        for row, values in by_network(run.config, run.metrics).items():
            for metric, value in values.items():
                known = '' if value is None else value
                writer.writerow([row, run.budget, run.seed, metric, known])
    return text.getvalue()


def as_markdown(tables: dict[str, Cells], plan: CurvePlan) -> str:
    """Write a table for each metric: mean ± standard deviation, and single values."""
    unit, parts = plan.labelling.unit, []
    for metric, table in tables.items():
        rows = [
            [
                row,
                *(cell_text(cells.get(b, []), metric, each=True) for b in plan.budgets),
            ]
            for row, cells in table.items()
        ]
        parts.append(
            markdown_table([metric, *(f'{b} {unit}' for b in plan.budgets)], rows)
        )
    if len(plan.seeds) > 1 and not plan.labelling.folds_differ(plan.budgets):
        parts.append(SAME_LABELS)
    return '\n\n'.join(parts) + '\n'


def plot(table: Cells, plan: CurvePlan, path: Path) -> None:
    """Draw means and standard deviations over the labels; single values of one number.

    Args:
        table: Of one metric.
        plan: What was run.
        path: PNG to write.
    """
    figure = Figure((6, 4), dpi=150, layout='constrained')
    axes = figure.subplots()
    label = f'{plan.metrics[0]} (test)'
    if len(plan.budgets) > 1:
        _plot_budgets(axes, table)
        axes.set(xlabel=_axis(plan), ylabel=label, xticks=plan.budgets)
        axes.legend(fontsize='small')
    else:
        _plot_rows(axes, {row: cells[plan.budgets[0]] for row, cells in table.items()})
        axes.set(xlabel=f'{label}, {plan.budgets[0]} {plan.labelling.unit}')
    axes.grid(alpha=0.3)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format='png')


def _axis(plan: CurvePlan) -> str:
    unit = plan.labelling.unit
    return unit if unit == 'labels' else f'labels ({unit})'


def _plot_budgets(axes: Axes, table: Cells) -> None:
    for row, cells in table.items():
        means = [mean(values) for values in cells.values()]
        spreads = [spread(values) for values in cells.values()]
        axes.errorbar(list(cells), means, spreads, marker='o', capsize=3, label=row)


def _plot_rows(axes: Axes, table: dict[str, list[float]]) -> None:
    """A line for each row: the folds as dots, their mean as a bar across."""
    for place, values in enumerate(table.values()):
        axes.plot(values, [place] * len(values), 'o', color='tab:blue', alpha=0.6)
        axes.plot(mean(values), place, '|', color='black', markersize=18, mew=2)
    axes.set_yticks(range(len(table)), list(table))
    axes.invert_yaxis()
