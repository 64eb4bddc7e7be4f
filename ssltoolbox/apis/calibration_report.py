"""What a calibration found, in numbers that can be read and copied."""

from collections.abc import Iterator, Mapping

import numpy as np

from ssltoolbox.evaluation.accept_intervals import Interval, accepted_share

PERCENTILES = (5, 25, 50, 75, 95)
FEW_IMAGES = 10
MIN_SHARE = 0.5


def rounded(value: float | None) -> float | None:
    """Keep four digits."""
    return None if value is None else float(f'{value:.4g}')


def rows_of(
    groups: Mapping[int, np.ndarray], intervals: Mapping[int, Interval]
) -> dict[int, dict]:
    """Describe the images with each number of instruments.

    Args:
        groups (Mapping): Confidences (n,) by number of instruments.
        intervals (Mapping): Accepted interval by number of instruments.
    """
    accepted = list(intervals.values())
    return {
        count: dict(
            images=len(values),
            percentiles={
                str(p): rounded(float(np.percentile(values, p))) for p in PERCENTILES
            },
            interval=intervals.get(count),
            accepted=accepted_share(values, accepted),
            confidences=[rounded(value) for value in values],
        )
        for count, values in groups.items()
    }


def named(count: int) -> str:
    """Name a number of instruments.

    >>> named(1)
    '1 instrument'
    """
    return f'{count} instrument' if count == 1 else f'{count} instruments'


def doubts(rows: Mapping[int, dict]) -> Iterator[str]:
    """Say what may be wrong with the intervals."""
    for count, row in rows.items():
        if row['images'] < FEW_IMAGES:
            yield (
                f'images with {named(count)}: only {row["images"]}, so their '
                'percentiles say little'
            )
        if count and row['accepted'] < MIN_SHARE:
            yield (
                f'{row["accepted"]:.0%} of the images with {named(count)} are '
                'accepted, since images with other numbers have the same confidence. '
                'Train the network longer, look at joint channels only (--channels), '
                'take another filter, or call less ambiguous by a higher --tail'
            )


def snippet(filter_cfg: Mapping, intervals: list[Interval], images: int) -> str:
    """Write intervals as they stand in a config, where they are called ``accept``.

    Args:
        filter_cfg (Mapping): Config of the filter that they belong to.
        intervals (list): What it accepts.
        images (int): How many labelled images they were made of.
    """
    fields = ', '.join(f'{key}={value!r}' for key, value in filter_cfg.items())
    return (
        f'# Intervals of dict({fields}),\n'
        f'# by tools/calibrate_filter.py from {images} labelled images.\n'
        f'accept = {intervals!r}\n'
    )
