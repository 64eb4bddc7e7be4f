"""Curves of a stage: its scalars, sorted into small pictures."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ssltoolbox.apis.run_report.run import StageRun
from ssltoolbox.checkpoints.network_names import CHOICES
from ssltoolbox.visualization.curves import Curve, read_scalars

MOST = 400
"""Points of a curve: about as many as its picture has pixels."""
SECTIONS = ('validation', 'pseudo labels', 'ramps', 'losses', 'other')


def stage_curves(stage: StageRun) -> list[dict[str, Any]]:
    """Pictures of a stage, each with one or more curves.

    Returns:
        ``section``, one of ``SECTIONS``; ``title``; and ``curves``, a list of ``name``,
        iterations ``x`` and values ``y``, None where a value is no number. Ordered by
        section. Empty where nothing was logged.
    """
    try:
        scalars = read_scalars(stage.home)
    except FileNotFoundError:
        return []
    panels: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for name, (section, title, label) in places(scalars).items():
        x, y = thin(scalars[name])
        key = SECTIONS.index(section), title
        panels.setdefault(key, []).append(dict(name=label, x=x, y=y))
    return [
        dict(section=SECTIONS[section], title=title, curves=curves)
        for (section, title), curves in sorted(panels.items())
    ]


def metric_groups(metrics: Mapping[str, float]) -> list[dict[str, Any]]:
    """Metrics of a test by ``title``, with the ``values`` of networks and classes."""
    groups: dict[str, dict[str, float]] = {}
    for name, (_, title, label) in places(metrics).items():
        groups.setdefault(title, {})[label] = metrics[name]
    return [dict(title=title, values=values) for title, values in groups.items()]


def places(names: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Section, title of the picture, and name in it, of every scalar.

    Where only one network is validated, metrics of single classes, ``seg/Dice_polyp``,
    join the one of all, ``seg/Dice``; otherwise a picture compares the networks.

    >>> places(['seg/Dice', 'seg/Dice_polyp'])['seg/Dice_polyp']
    ('validation', 'seg/Dice', 'polyp')
    """
    found = {name: _place(name) for name in sorted(names)}
    measured = {n: p for n, p in found.items() if p[0] == 'validation'}
    titles = {title for _, title, _ in measured.values()}
    if any(title != label for _, title, label in measured.values()):
        return found
    for name, (section, title, _) in measured.items():
        whole = next((t for t in titles if title.startswith(f'{t}_')), None)
        if whole:
            found[name] = section, whole, title.removeprefix(f'{whole}_')
        elif any(other.startswith(f'{title}_') for other in titles):
            found[name] = section, title, 'all'
    return found


def _place(name: str) -> tuple[str, str, str]:
    """Section, title and name of a scalar by itself.

    >>> _place('teacher/coco/AP')
    ('validation', 'coco/AP', 'teacher')
    >>> _place('pseudo/kept_share')
    ('pseudo labels', 'share', 'kept')
    """
    first, _, rest = name.partition('/')
    if first == 'pseudo':
        what, _, measure = rest.rpartition('_')
        return 'pseudo labels', measure, what or measure
    if first == 'ramp':
        # shares are up to 1, weights of losses may be tens
        return 'ramps', 'share to keep' if rest == 'kept' else 'loss weights', rest
    if first in CHOICES and rest:
        return 'validation', rest, first
    if 'loss' in name:
        return 'losses', name, name
    return ('validation' if rest else 'other'), name, name


def thin(curve: Curve) -> tuple[list[int], list[float | None]]:
    """Average a long curve over equal parts, so that it has at most ``MOST`` points."""
    steps, values = np.array(curve, float).T
    parts = np.array_split(np.arange(len(steps)), min(MOST, len(steps)))
    x = [int(steps[part[-1]]) for part in parts]
    return x, [_mean(values[part]) for part in parts]


def _mean(values: np.ndarray) -> float | None:
    mean = float(values.mean())
    return float(f'{mean:.5g}') if math.isfinite(mean) else None
