"""What values of a mask file mean: raw values of each class and their class ids."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

IGNORED = 255
"""Class of pixels that have none, as in mmseg."""

MAX_NAMED = 8


class LabelCodes:
    """Translate between the values in mask files and class ids.

    Args:
        codes: The values of each class, in the order of the class ids; the first of a
            class is the one that is written. 255 stands for what is ignored, unless
            it is the value of a class.

    Raises:
        ValueError: A class has no value or two have the same, or a value is no whole
            number from 0 to 255.

    >>> codes = LabelCodes([[0], [128, 255]])
    >>> codes.encode(np.uint8([[0, 128, 255]]))[0].tolist()
    [[0, 1, 1]]
    >>> codes.decode(np.uint8([[0, 1, 1]])).tolist()
    [[0, 128, 128]]
    """

    def __init__(self, codes: Sequence[Sequence[int]]) -> None:
        self.codes = check_codes(codes)
        values = [value for of_class in self.codes for value in of_class]
        classes = [c for c, of_class in enumerate(self.codes) for _ in of_class]
        gaps = np.abs(np.arange(256)[:, None] - np.array(values)[None])
        # of two equally near values the smaller one is taken, whatever the class order
        nearest = np.lexsort((np.broadcast_to(values, gaps.shape), gaps))[:, 0]
        self.table = np.array(classes, np.uint8)[nearest]
        self.distance = gaps.min(1)
        if IGNORED not in values:
            self.table[IGNORED], self.distance[IGNORED] = IGNORED, 0
        self._unlisted = (self.distance > 0).astype(np.uint8)

    def encode(self, mask: np.ndarray, snap: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Translate values of a file to class ids.

        Args:
            mask: (H, W) uint8, values as they are in the file.
            snap: Values that no class has are taken for the nearest one of a class, if
                it is at most this far away.

        Returns:
            (H, W) uint8, class ids and 255 for what is ignored, and (256,) int64, how
            often each value was moved.

        Raises:
            ValueError: Other values occur; names them and their pixels.
        """
        classes = cv2.LUT(mask, self.table)
        # counting takes longer than all else, and most masks need none
        if not cv2.countNonZero(cv2.LUT(mask, self._unlisted)):
            return classes, np.zeros(256, np.int64)
        counts = np.bincount(mask.ravel(), minlength=256)
        unknown = np.flatnonzero((counts > 0) & (self.distance > snap))
        if len(unknown):
            named = ', '.join(map(str, unknown[:MAX_NAMED]))
            more = ', ...' * (len(unknown) > MAX_NAMED)
            raise ValueError(
                f'the values {named}{more} ({counts[unknown].sum()} of {mask.size} '
                f'pixels) belong to no class; the classes have {self.as_text()}'
            )
        return classes, np.where(self.distance > 0, counts, 0)

    def decode(self, classes: np.ndarray) -> np.ndarray:
        """Translate class ids (..., H, W) to the values that files hold, uint8.

        Raises:
            ValueError: There is no such class, or a pixel is ignored but 255 is the
                value of a class.
        """
        table = np.zeros(256, np.uint8)
        table[: len(self.codes)] = [of_class[0] for of_class in self.codes]
        valid = np.arange(256) < len(self.codes)
        if not any(IGNORED in of_class for of_class in self.codes):
            table[IGNORED], valid[IGNORED] = IGNORED, True
        classes = np.asarray(classes)
        wrong = classes[(classes < 0) | (classes > 255)]
        if not len(wrong):
            classes = classes.astype(np.uint8)
            wrong = classes[~valid[classes]]
        if len(wrong):
            raise ValueError(
                f'class {wrong[0]} cannot be written with the values of '
                f'{len(self.codes)} classes: {self.as_text()}'
            )
        return table[classes]

    def as_text(self) -> str:
        """Name the values of the first few classes."""
        named = [
            f'{number}: {" or ".join(map(str, of_class))}'
            for number, of_class in enumerate(self.codes[:MAX_NAMED])
        ]
        return ', '.join(named + ['...'] * (len(self.codes) > MAX_NAMED))


@lru_cache(maxsize=32)
def label_codes(codes: tuple[tuple[int, ...], ...]) -> LabelCodes:
    """Make the tables of a data set once."""
    return LabelCodes(codes)


def check_codes(codes: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Refuse values that files of 8 bits cannot hold, and ambiguous ones.

    Raises:
        ValueError: See :class:`LabelCodes`.
    """
    seen: dict[int, int] = {}
    for number, of_class in enumerate(codes):
        if isinstance(of_class, int | str) or not len(of_class):
            raise ValueError(
                f'codes: class {number} has {of_class!r}, expected a list of one or '
                'more raw values of its pixels, such as [[0], [128, 255]]'
            )
        for value in of_class:
            if type(value) is not int or not 0 <= value <= 255:
                raise ValueError(
                    f'codes: class {number} has the value {value!r}, expected whole '
                    'numbers from 0 to 255, as 8-bit masks hold them'
                )
            if value in seen:
                raise ValueError(
                    f'codes: value {value} belongs to class {seen[value]} and to '
                    f'class {number}: give it to one of them, once'
                )
            seen[value] = number
    return tuple(tuple(of_class) for of_class in codes)
