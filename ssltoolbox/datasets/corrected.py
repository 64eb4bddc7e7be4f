"""Labels that a person corrected, among those that networks made."""

import numpy as np
from mmengine.logging import print_log


def repeat_corrected(
    members: np.ndarray, corrected: np.ndarray, repeat: int, origin: str, unit: str
) -> np.ndarray:
    """Let samples with corrected labels come more often, and say how many there are.

    Args:
        members: (N,) numbers of the samples.
        corrected: (N,) bool.
        repeat: How often each of them comes in a pass, at least 1.
        origin: Where the labels come from, for the log.
        unit: Name of the samples, for the log.

    Returns:
        The members, and behind them the repeated ones.

    Raises:
        ValueError: ``repeat`` is no whole number above 0.
    """
    if type(repeat) is not int or repeat < 1:
        raise ValueError(
            f'corrected_repeat must be a whole number, at least 1, got {repeat!r}'
        )
    mine = members[corrected]
    if not len(mine):
        return members
    print_log(
        f'{origin}: a person corrected the labels of {len(mine)} of {len(members)} '
        f'{unit}: they count as labelled, and come {repeat} times in each pass',
        'current',
    )
    return np.concatenate([members, np.repeat(mine, repeat - 1)])
