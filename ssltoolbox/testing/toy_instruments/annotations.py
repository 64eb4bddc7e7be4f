"""Annotate frames as EndoVis'15 does (EndoVisPoseAnnotation, MIT licence)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .take import HIDDEN

CLASSES = (
    'LeftClasperPoint',
    'RightClasperPoint',
    'HeadPoint',
    'ShaftPoint',
    'EndPoint',
)
"""Of the points, in the order of ``body.JOINTS``."""

PHASES = dict(train='Training', val='Validation', test='Testing')


class Sequence15(NamedTuple):
    """One video: its split and number, instruments seen in training, one or two."""

    split: str
    number: int
    pair: bool
    seen: bool = True

    @property
    def name(self) -> str:
        """Return such as ``train1``."""
        return f'{self.split}{self.number}'

    @property
    def image_set(self) -> str:
        """Return ``train``, ``val``, ``test_seen`` or ``test_unseen``."""
        if self.split != 'test':
            return self.split
        return 'test_seen' if self.seen else 'test_unseen'

    @property
    def tools(self) -> tuple[str, ...]:
        """Return the ids of the instruments; the original's differ in test5 and 6."""
        second = 'tool2' if self.seen else 'tool4'
        return ('tool1', second) if self.pair else ('tool1',)

    def raw_name(self, frame: int) -> str:
        """Return the original file name without suffix, frames from 1 on.

        >>> Sequence15('train', 1, True).raw_name(60)
        'img_000060_raw'
        """
        train = self.split == 'train'
        return f'img_{frame:06d}_raw' if train else f'img_{frame:04d}'

    def frame_name(self, frame: int) -> str:
        """Return the name of the extracted frame, unique in the data set.

        >>> Sequence15('test', 6, True).frame_name(7)
        'img_0007_test6'
        """
        return f'{self.raw_name(frame)}_{self.name}'


SEQUENCES = (
    Sequence15('train', 1, pair=True),
    Sequence15('train', 2, pair=False),
    Sequence15('train', 3, pair=True),
    Sequence15('train', 4, pair=False),
    Sequence15('val', 1, pair=True),
    Sequence15('val', 2, pair=False),
    Sequence15('test', 1, pair=True),
    Sequence15('test', 2, pair=False),
    Sequence15('test', 3, pair=True),
    Sequence15('test', 4, pair=False),
    Sequence15('test', 5, pair=True, seen=False),
    Sequence15('test', 6, pair=False, seen=False),
)
"""Seen and unseen geometries come in pairs and alone equally often."""


def entry(sequence: Sequence15, frame: int, instruments: Sequence[np.ndarray]) -> dict:
    """Return the entry of a frame, without the joints that are hidden.

    Args:
        sequence (Sequence15): Its video.
        frame (int): Its number, from 1 on.
        instruments (Sequence[np.ndarray]): (5, 3) each; none: not annotated.
    """
    points = [p for p in _points(sequence, instruments) if 'occluded' not in p]
    return _image(sequence, frame, points)


def true_entry(
    sequence: Sequence15, frame: int, instruments: Sequence[np.ndarray]
) -> dict:
    """Return the same with all joints; hidden ones say ``occluded``."""
    return _image(sequence, frame, list(_points(sequence, instruments)))


def _image(sequence: Sequence15, frame: int, points: list[dict]) -> dict:
    folder = f'{PHASES[sequence.split]}/Dataset{sequence.number}/Raw'
    name = f'{folder}/{sequence.raw_name(frame)}.png'
    return {'annotations': points, 'class': 'image', 'filename': name}


def _points(sequence: Sequence15, instruments: Sequence[np.ndarray]):
    for tool, keypoints in zip(sequence.tools, instruments, strict=False):
        for name, (x, y, state) in zip(CLASSES, keypoints.tolist(), strict=True):
            point = {'class': name, 'id': tool, 'x': x, 'y': y}
            yield point | ({'occluded': True} if state == HIDDEN else {})
