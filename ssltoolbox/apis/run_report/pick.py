"""Choose which of many pseudo labels a page shows."""

from collections.abc import Sequence

import numpy as np


def pick(things: Sequence[int], most: int) -> list[int]:
    """Take at most ``most`` of them, evenly spread.

    >>> pick(range(9), 3)
    [0, 4, 8]
    """
    if len(things) <= most:
        return list(things)
    places = np.linspace(0, len(things) - 1, most).round().astype(int)
    return [things[i] for i in places]


def shown_note(shown: Sequence, found: Sequence) -> list[str]:
    """Say so where some are left out."""
    if len(shown) == len(found):
        return []
    told = f'{len(shown)} of {len(found)} labels are shown, evenly spread'
    return [f'{told} (--max-labels).']
