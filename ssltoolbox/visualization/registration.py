"""Pictures of clouds on the surface to which they were registered."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from ssltoolbox.utils.atomic import atomic_path

COLORS = 'viridis'
POINTS, GROUND = 6000, 12000
AXES = ((0, 1), (0, 2), (1, 2))


def residual_colors(residuals: np.ndarray, top: float) -> np.ndarray:
    """RGB (N, 3) uint8 of distances (N,): dark at 0, yellow at ``top`` and beyond."""
    share = np.clip(residuals / max(top, 1e-12), 0, 1)
    return matplotlib.colormaps[COLORS](share, bytes=True)[:, :3]


def top_of(residuals: np.ndarray) -> float:
    """Distance with the last colour: the 95th percentile."""
    return float(np.percentile(residuals, 95))


def plot_residuals(
    path: str | Path,
    points: np.ndarray,
    residuals: np.ndarray,
    surface: np.ndarray,
    unit: str,
    title: str,
) -> None:
    """Draw a registered cloud from three sides, and the histogram of its residuals.

    Args:
        path: PNG or JPEG to write.
        points: (N, 3), the registered cloud.
        residuals: (N,), their distances to the surface.
        surface: (M, 3), points of the surface, drawn in grey.
        unit: Of all lengths, such as ``'mm'``.
        title: Above the picture.
    """
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(points))[:POINTS]
    ground = rng.permutation(len(surface))[:GROUND]
    middle = points.mean(0)
    *_, axes = np.linalg.svd(points[chosen] - middle, full_matrices=False)
    cloud, ground = (
        (each - middle) @ axes.T for each in (points[chosen], surface[ground])
    )
    # what is far from the cloud would make it small
    reach = 0.75 * np.linalg.norm(np.ptp(cloud, axis=0))
    ground = ground[(np.abs(ground) < reach).all(1)]
    top = top_of(residuals)
    figure = Figure(figsize=(15, 4.2), layout='constrained')
    panels = figure.subplots(1, 4)
    for panel, (across, up) in zip(panels, AXES, strict=False):
        panel.scatter(ground[:, across], ground[:, up], s=1, c='0.85', linewidths=0)
        # the worst on top, so that none is hidden
        order = np.argsort(residuals[chosen])
        shown = panel.scatter(
            cloud[order, across],
            cloud[order, up],
            s=3,
            c=residuals[chosen][order],
            cmap=COLORS,
            norm=Normalize(0, max(top, 1e-12)),
            linewidths=0,
        )
        panel.set_aspect('equal')
        panel.set_xlabel(f'axis {across + 1} [{unit}]')
        panel.set_ylabel(f'axis {up + 1} [{unit}]')
    figure.colorbar(shown, ax=panels[:3], label=f'distance [{unit}]', extend='max')
    panels[3].hist(np.minimum(residuals, 2 * top), 50, color='0.4')
    panels[3].axvline(np.median(residuals), color='tab:orange', label='median')
    panels[3].axvline(residuals.mean(), color='tab:blue', label='mean')
    panels[3].set_xlabel(f'distance [{unit}]')
    panels[3].set_ylabel('points')
    panels[3].legend(frameon=False)
    figure.suptitle(title)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=110)
