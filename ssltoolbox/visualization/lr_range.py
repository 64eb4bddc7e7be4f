"""Picture of a learning-rate range test."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ssltoolbox.engine.lr_range import LRRange
from ssltoolbox.utils.atomic import atomic_path

from .curves import PALETTE


def plot_lr_range(found: LRRange, picked: float, path: str | Path) -> None:
    """Draw the smoothed loss over the rate, and the rate that was picked.

    Args:
        found (LRRange): The test.
        picked (float): Rate to mark.
        path (str | Path): Picture to write, whole or not at all.
    """
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15)
    figure = Figure((6, 4), dpi=110, layout=layout)
    axes = figure.subplots()
    axes.plot(found.rates, found.losses, color=PALETTE[0])
    label = f'picked: {picked:.2g}'
    axes.axvline(picked, color=PALETTE[1], linestyle='--', label=label)
    axes.set(xscale='log', xlabel='learning rate', ylabel='smoothed loss')
    axes.legend(frameon=False)
    axes.spines[['top', 'right']].set_visible(False)
    with atomic_path(Path(path)) as temporary:
        figure.savefig(temporary, format='png')
