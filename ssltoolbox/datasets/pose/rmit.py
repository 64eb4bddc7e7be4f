"""RMIT retinal microsurgery: one instrument with four points in three sequences."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from mmengine.logging import print_log

from ssltoolbox.datasets.frame_files import find_frames
from ssltoolbox.datasets.pose.rmit_text import POINTS, RmitFrame, first_half, read_rmit
from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset
from ssltoolbox.registry import DATASETS

IDS_PER_SEQUENCE = 1_000_000
_SUBSETS = ('train', 'test', 'all')


@DATASETS.register_module()
class RmitDataset(WholeImagePoseDataset):
    """Frames of retinal microsurgery in which the instrument is visible.

    Files below ``data_root``: ``seq1.txt`` and its like, and the images, named as in
    the text files, anywhere below ``img_dir`` (below ``img_dir/<sequence>`` where
    there is such a folder).

    Args:
        sequences: Names of the text files, each ending in its number.
        subset: ``'train'`` takes the first half of the visible frames of every
            sequence and one more, ``'test'`` the rest, as published; ``'all'`` both.
        axis_order: What the two numbers of a point are. The published program takes
            them for ``'yx'`` in its heatmaps, but for x and y elsewhere:
            ``tools/dataset_converters/instruments2coco.py rmit ROOT --picture``
            draws both on the images.
        img_dir: Folder of the images, relative to ``data_root``.
        image_size: Width and height of the images in px; points outside are left
            out.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: A text file, or the folder of images, is absent.
        ValueError: A text file is wrong, or the images are named otherwise.

    Source: Sznitman et al., MICCAI 2012.
    """

    LAYOUT_NAME = 'rmit_layout'
    MAX_INSTANCES = 1
    HINT: ClassVar[str] = 'RMIT has the label files seq1.txt, seq2.txt and seq3.txt.'

    def __init__(
        self,
        sequences: Sequence[str] = ('seq1', 'seq2', 'seq3'),
        subset: str = 'train',
        axis_order: str = 'yx',
        img_dir: str = '',
        image_size: tuple[int, int] = (640, 480),
        **kwargs: Any,
    ) -> None:
        if subset not in _SUBSETS:
            raise ValueError(f'subset is one of {_SUBSETS}, got {subset!r}')
        self.numbers = _numbers(sequences)
        self.subset, self.axis_order = subset, axis_order
        self.img_dir, self.image_size = img_dir, image_size
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the records, sequence by sequence, in the order of the text files."""
        self._require_root()
        records = []
        for sequence, number in self.numbers.items():
            path = Path(self.data_root or '', f'{sequence}.txt')
            frames = read_rmit(path, self.axis_order)
            half = first_half(len(frames))
            parts = dict(train=frames[:half], test=frames[half:], all=frames)
            chosen = parts[self.subset]
            first_id = number * IDS_PER_SEQUENCE
            records += self._sequence_records(sequence, chosen, first_id)
        if not records:
            raise ValueError(
                f'{self.data_root}: the {self.subset} part of '
                f'{", ".join(self.numbers)} is empty; a sequence needs 3 visible '
                'frames to have a test part.'
            )
        return records

    def _sequence_records(
        self, sequence: str, frames: list[RmitFrame], first_id: int
    ) -> list[dict[str, Any]]:
        if not frames:
            return []
        folder = Path(self.data_root or '', self.img_dir)
        own = folder / sequence
        paths = find_frames(
            [frame.name for frame in frames],
            [own if own.is_dir() else folder],
            f'Images have the names in {sequence}.txt, below data_root or img_dir.',
        )
        joints = [self._joints(frame) for frame in frames]
        inside = sum(int(points[..., 2].sum()) for points in joints)
        outside = len(frames) * POINTS - inside
        absent = paths.count('')
        print_log(
            f'{sequence}: {len(frames)} visible frames in the {self.subset} part; '
            f'{absent} of them without an image and {outside} points outside of '
            f'{self.image_size[0]} x {self.image_size[1]} px left out'
            + (f', is axis_order={self.axis_order!r} right?' if outside else ''),
            'current',
            logging.WARNING if absent or outside else logging.INFO,
        )
        return [
            self._record(
                first_id + frame.line,
                path,
                f'{sequence}/{frame.name}',
                sequence,
                points,
            )
            for frame, path, points in zip(frames, paths, joints, strict=True)
            if path
        ]

    def _joints(self, frame: RmitFrame) -> np.ndarray:
        """Return (1, 4, 3): x, y in image pixels, and 1 if inside of the image.

        Where all points are outside there is no instrument, (0, 4, 3).
        """
        limits = np.array(self.image_size) - 0.5
        inside = ((frame.points >= -0.5) & (frame.points <= limits)).all(1)
        joints = np.c_[frame.points * inside[:, None], inside]
        return joints[None][: int(inside.any())].astype(np.float32)


def _numbers(sequences: Sequence[str]) -> dict[str, int]:
    """Give every sequence the number at the end of its name."""
    sequences = [sequences] if isinstance(sequences, str) else sequences
    found = {name: re.search(r'\d+$', name) for name in sequences}
    numbers = {name: int(match[0]) for name, match in found.items() if match}
    if not numbers or len({*numbers.values()}) < len(found):
        raise ValueError(
            f'sequences={list(sequences)}: expected names that end in different '
            "numbers, such as 'seq1', from which images get their ids."
        )
    return numbers
