"""Intervals of a confidence in which an image shows one instrument, or two, or ..."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Interval = tuple[float | None, float | None]
"""Bounds of accepted values; None is no bound."""


@dataclass(frozen=True)
class _Group:
    """Images with an equal number of instances, or the empty answer."""

    count: int | None
    low: float
    middle: float
    high: float


def accept_intervals(
    confidences: Mapping[int, np.ndarray],
    empty: float,
    tail: float = 5.0,
    ambiguous: float = 1 / 3,
) -> dict[int, Interval]:
    """Find what to accept, one interval for each number of instances.

    Each group of images reaches from its percentile ``tail`` to ``100 - tail``. The
    groups, that of images without an instance, and the confidence of an empty answer
    are ordered by their medians. Between two neighbours a zone is rejected, since it
    may be either, or a part of the one:

    - where there is a gap, the middle of it, of the share ``ambiguous``; so each
      interval reaches somewhat further than the labelled images do;
    - where they overlap, the overlap.

    An interval begins where the zone to its left ends, and ends where that to its right
    begins; that of the outermost group has no bound outwards. The empty answer and
    images without an instance are not accepted.

    Args:
        confidences: Confidences of labelled images, (n,), by their number of instances.
        empty: Confidence of maps that are zero everywhere.
        tail: Percentile, in 0..50 (exclusive).
        ambiguous: Share of a gap that is rejected, in 0..1.

    Returns:
        Intervals by number of instances, rising and without overlap. A number of which
        the neighbours leave nothing is absent.
    """
    groups = [_Group(None, empty, empty, empty)]
    for count, values in confidences.items():
        low, middle, high = np.percentile(values, (tail, 50, 100 - tail))
        groups.append(_Group(count, float(low), float(middle), float(high)))
    groups.sort(key=lambda group: group.middle)
    zones = [_zone(*pair, ambiguous) for pair in pairwise(groups)]
    starts = [None, *(end for _, end in zones)]
    ends = [*(start for start, _ in zones), None]
    return {
        group.count: (start, end)
        for group, start, end in zip(groups, starts, ends, strict=True)
        if group.count and _reaches(group, start, end)
    }


def _reaches(group: _Group, start: float | None, end: float | None) -> bool:
    """Whether anything of a group lies between the zones beside it."""
    start = -np.inf if start is None else start
    end = np.inf if end is None else end
    return start < min(end, group.high) and group.low < end


def _zone(left: _Group, right: _Group, ambiguous: float) -> tuple[float, float]:
    gap = right.low - left.high
    if gap <= 0:
        return right.low, left.high
    margin = gap * (1 - ambiguous) / 2
    return left.high + margin, right.low - margin


def accepted_share(values: np.ndarray, intervals: list[Interval]) -> float:
    """Share of confidences (n,) that lie strictly within one of the intervals."""
    inside = np.zeros(len(values), bool)
    for low, high in intervals:
        above = values > (-np.inf if low is None else low)
        inside |= above & (values < (np.inf if high is None else high))
    return float(inside.mean())
