"""Histogram of confidences by group, with the intervals that are accepted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ssltoolbox.evaluation.accept_intervals import Interval
from ssltoolbox.utils.atomic import atomic_path

from .curves import PALETTE

BINS = 40


def plot_confidences(
    groups: Mapping[str, np.ndarray],
    intervals: Sequence[Interval],
    path: str | Path,
    name: str = 'confidence',
    empty: float | None = None,
) -> None:
    """Draw how often each confidence occurs, one colour per group.

    Args:
        groups (Mapping[str, np.ndarray]): Confidences (n,) by what they are of.
        intervals (Sequence[tuple]): Accepted intervals, shaded; None is no bound.
        path (str | Path): Picture to write, whole or not at all.
        name (str): Of the confidence, below the axis.
        empty (float, optional): Confidence of an empty answer, a dashed line.
    """
    everything = np.concatenate(list(groups.values()))
    marks = [bound for pair in intervals for bound in pair if bound is not None]
    marks += [] if empty is None else [empty]
    low, high = (float(end([*everything, *marks])) for end in (min, max))
    margin = 0.04 * (high - low) or 1.0
    low, high = low - margin, high + margin
    bins = np.linspace(low, high, BINS + 1)
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15)
    figure = Figure((8, 4), dpi=110, layout=layout)
    axes = figure.subplots()
    for i, (start, end) in enumerate(intervals):
        start, end = low if start is None else start, high if end is None else end
        label = 'accepted' if i == 0 else None
        axes.axvspan(start, end, color='#009E73', alpha=0.12, label=label, zorder=0)
    for (title, values), color in zip(groups.items(), PALETTE * 3, strict=False):
        text = f'{title} ({len(values)})'
        axes.hist(values, bins, color=color, alpha=0.65, label=text)
    if empty is not None:
        axes.axvline(empty, color='#555555', linestyle='--', label='empty answer')
    axes.set_xlim(low, high)
    axes.set_xlabel(name)
    axes.set_ylabel('images')
    axes.grid(alpha=0.25)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(fontsize=9, frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix[1:] or 'png')
