"""Give every frame of EndoVis'15 a number that label lists can name."""

import re

FIRST = {'train': 0, 'val': 10, 'test': 20}
"""What is added to the number of a sequence, by split."""

MAX_NUMBER = 999_999
_SEQUENCE = re.compile(r'([a-z]+)([1-9])')


def sequence_code(sequence: str) -> int:
    """Number the sequences: train1 is 1, val1 is 11, test1 is 21.

    Raises:
        ValueError: The name is not a split and a digit from 1 to 9.
    """
    match = _SEQUENCE.fullmatch(sequence)
    if match is None or match[1] not in FIRST:
        raise ValueError(
            f'sequence {sequence!r}: expected one of {sorted(FIRST)} followed by a '
            "digit from 1 to 9, such as 'train1'; rename its folder and label file"
        )
    return FIRST[match[1]] + int(match[2])


def frame_id(sequence: str, number: int) -> int:
    """Number a frame: the code of its sequence, then six digits of its own.

    Stable: it depends on nothing else in the data set, so a label list stays valid
    when frames or sequences are added.

    Args:
        sequence (str): ``'train1'``, ``'val2'``, ``'test6'``.
        number (int): Of the frame in its sequence, 0 to 999999.

    Raises:
        ValueError: Either is out of range.

    >>> frame_id('test6', 42)
    26000042
    """
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(
            f'frame {number} of {sequence}: expected a number from 0 to {MAX_NUMBER}, '
            'which is what a frame id has room for'
        )
    return sequence_code(sequence) * (MAX_NUMBER + 1) + int(number)
