"""Training curves from the scalars that mmengine writes into a work dir."""

import json
import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ssltoolbox.utils.atomic import atomic_path

Curve = list[tuple[int, float]]

BOOKKEEPING = frozenset({'step', 'iter', 'epoch', 'time', 'data_time', 'memory'})
PALETTE = ('#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#000000')
COLUMNS = 3
SMOOTH_FROM = 40


def read_scalars(work_dir: str | Path) -> dict[str, Curve]:
    """Read all scalars of a work dir, interrupted and resumed runs as one.

    Validation values are placed at the training iteration after which they came.

    Args:
        work_dir (str | Path): Folder with ``<time>/vis_data/scalars.json`` in it.

    Returns:
        dict[str, list[tuple[int, float]]]: Name to (iteration, value), ascending.

    Raises:
        FileNotFoundError: If the folder has no such file.
    """
    # The folders' names are the times of their start, so names sort by time.
    files = sorted(Path(work_dir).rglob('vis_data/scalars.json'))
    if not files:
        raise FileNotFoundError(
            f'{work_dir}: no <time>/vis_data/scalars.json in it; give the work dir of '
            'a run that has logged at least once'
        )
    scalars: dict[str, dict[int, float]] = {}
    ends: dict[int, int] = {}
    for path in files:
        records, kept = _records(path, ends)
        # What a later run has trained again is no longer part of the history.
        for curve in scalars.values():
            for step in [step for step in curve if step > kept]:
                del curve[step]
        for step, values in records:
            for name, value in values.items():
                scalars.setdefault(name, {})[step] = value
    return {name: sorted(curve.items()) for name, curve in scalars.items() if curve}


def plot_curves(scalars: dict[str, Curve], path: str | Path) -> None:
    """Draw every scalar; those with the same last word share one picture.

    So ``student/AP`` and ``teacher/AP`` lie side by side. Long curves are drawn
    smoothed over their pale raw values.

    Args:
        scalars (dict[str, list[tuple[int, float]]]): As from :func:`read_scalars`.
        path (str | Path): Picture to write, whole or not at all.

    Raises:
        ValueError: If there is nothing to draw.
    """
    panels: dict[str, dict[str, Curve]] = {}
    for name, curve in scalars.items():
        if curve:
            panels.setdefault(name.rpartition('/')[2], {})[name] = curve
    if not panels:
        raise ValueError('plot_curves: scalars is empty, there is nothing to draw')
    columns = min(COLUMNS, math.ceil(math.sqrt(len(panels))))
    rows = math.ceil(len(panels) / columns)
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15)
    figure = Figure((4.6 * columns, 3.2 * rows), dpi=110, layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, curves) in zip(grid, panels.items(), strict=False):
        _draw_panel(axes, title, curves)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix[1:] or 'png')


def _records(
    path: Path, ends: dict[int, int]
) -> tuple[list[tuple[int, dict[str, float]]], float]:
    """Read a file: (iteration, values), and the iteration up to which others hold.

    ``ends`` is the iteration at the end of each epoch of earlier files, to which those
    of this one are added. Validation counts its steps in epochs, training in
    iterations; a run that goes on validates before it trains.
    """
    records: list[tuple[int, dict[str, float]]] = []
    iteration, kept = 0, math.inf
    for line in path.read_text(encoding='utf-8').splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was killed while writing
        step = int(record.get('step', 0))
        if 'iter' in record:
            iteration = int(record['iter'])
            kept = min(kept, iteration - 1)
            ends[int(record.get('epoch', 0))] = iteration
        else:
            # the first of a run that goes on repeats one of an earlier run
            iteration = max(iteration, step) if iteration else ends.get(step, step)
            kept = min(kept, iteration)
            ends[step] = iteration
        values = {
            name: float(value)
            for name, value in record.items()
            if name not in BOOKKEEPING and isinstance(value, (int, float))
        }
        records.append((iteration, values))
    return records, kept


def _draw_panel(axes: Axes, title: str, curves: dict[str, Curve]) -> None:
    for i, (name, curve) in enumerate(curves.items()):
        steps, values = np.array(curve, float).T
        color = PALETTE[i % len(PALETTE)]
        marker = 'o' if len(curve) <= SMOOTH_FROM else None
        if len(curve) > SMOOTH_FROM:
            axes.plot(steps, values, color=color, alpha=0.25, linewidth=0.8)
            values = _smooth(values)
        axes.plot(steps, values, color=color, label=name, marker=marker, markersize=3)
    axes.set_title(title, fontsize=11, loc='left', fontweight='bold')
    axes.set_xlabel('iteration', fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    axes.spines[['top', 'right']].set_visible(False)
    if list(curves) != [title]:
        axes.legend(fontsize=8, frameon=False)


def _smooth(values: np.ndarray) -> np.ndarray:
    """Average over a sliding window; values that are not finite do not count."""
    window = np.ones(max(3, len(values) // 20))
    known = np.isfinite(values)
    total = np.convolve(np.where(known, values, 0), window, 'same')
    count = np.convolve(known.astype(float), window, 'same')
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
