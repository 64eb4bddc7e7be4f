"""EndoVis'15 instruments: frames of ten videos, with the five joints of each tool."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from mmengine.logging import print_log

from ssltoolbox.datasets.frame_files import find_frames
from ssltoolbox.datasets.pose.base import FileIds
from ssltoolbox.datasets.pose.endovis_json import (
    HINT,
    IMAGE_SIZE,
    EndoVisLabels,
    Frame,
    label_file,
    read_endovis,
)
from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset
from ssltoolbox.registry import DATASETS

SEQUENCES = {
    'train': tuple(f'train{i}' for i in range(1, 5)),
    'test': tuple(f'test{i}' for i in range(1, 7)),
    'seen': tuple(f'test{i}' for i in range(1, 5)),
    'unseen': ('test5', 'test6'),
}
"""Videos by name; ``seen`` and ``unseen``: by the instruments of the training."""

_CHOICES = ('annotated', 'unannotated', 'all')
_FRAMES_HINT = (
    'Frames are looked for as frames/<sequence>/<frame>.jpg below data_root, or in '
    'labelled_<split> and unlabelled_<split>; make them from the videos with '
    'tools/dataset_converters/endovis_frames.py.'
)


@DATASETS.register_module()
class EndoVisDataset(WholeImagePoseDataset):
    """The articulated instruments of the EndoVis 2015 challenge.

    Files below ``data_root``: ``train_labels/train1_labels.json`` and its like, as in
    the repository of the annotations (or in ``data_root`` itself), and
    ``frames/train1/img_000060_raw_train1.jpg`` and its like (or the folders
    ``labelled_train``, ``unlabelled_train`` ... of the published program). What is
    irregular in a label file is put right, see ``tool_points.py``, and said in one
    line; so are frames without an image, which are left out.

    Args:
        sequences: ``'train'``, ``'test'``, ``'seen'`` (test1 to 4), ``'unseen'``
            (test5, 6), the name of one video, or a list of these.
        frames: ``'annotated'``; ``'unannotated'``: what remains of the same videos;
            ``'all'``.
        image_size: Width and height of the frames in px; points outside are errors of
            the file, and left out.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: A label file, or the folder of frames, is absent.
        ValueError: A label file is damaged, the frames are named otherwise, or there
            is none of the kind asked for.

    Source: Du et al., IEEE TMI 2018; 940 + 910 frames of 10 videos are annotated.
    """

    LAYOUT_NAME = 'endovis_layout'
    HINT: ClassVar[str] = HINT

    def __init__(
        self,
        sequences: str | Sequence[str] = 'train',
        frames: str = 'annotated',
        image_size: tuple[int, int] = IMAGE_SIZE,
        **kwargs: Any,
    ) -> None:
        if frames not in _CHOICES:
            raise ValueError(f'frames is one of {_CHOICES}, got {frames!r}')
        self.sequences = _expand(sequences)
        self.frames, self.image_size = frames, image_size
        super().__init__(**kwargs)

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ids of all frames of a label file."""
        ids = [frame.id for frame in read_endovis(path).frames]
        return dict(image_id=ids, annotation_id=ids)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the records, video by video, in the order of the label files."""
        self._require_root()
        records, read = [], []
        for sequence in self.sequences:
            path = label_file(self.data_root, sequence)
            labels = read_endovis(path, sequence, self.image_size)
            print_log(labels.summary(), 'current')
            read.append(labels)
            records += self._sequence_records(sequence, labels)
        if not records:
            raise ValueError(self._nothing(read))
        return records

    def _sequence_records(self, sequence: str, labels: EndoVisLabels) -> list[dict]:
        frames = [frame for frame in labels.frames if self._is_asked(frame)]
        if not frames:
            return []
        names = [frame.name for frame in frames]
        paths = find_frames(names, self._folders(sequence), _FRAMES_HINT)
        pairs = list(zip(frames, paths, strict=True))
        absent = [frame for frame, path in pairs if not path]
        if absent:
            marked = sum(frame.annotated for frame in absent)
            print_log(
                f'{sequence}: {len(absent)} of {len(frames)} frames, {marked} of them '
                f'annotated, have no image (first: {absent[0].name}) and are left out. '
                'Did the video end early, or is it another one?',
                'current',
                logging.WARNING,
            )
        return [
            self._record(
                frame.id,
                path,
                frame.name,
                sequence,
                frame.tools if frame.annotated else None,
            )
            for frame, path in pairs
            if path
        ]

    def _is_asked(self, frame: Frame) -> bool:
        return self.frames == 'all' or frame.annotated == (self.frames == 'annotated')

    def _folders(self, sequence: str) -> list[Path]:
        split = sequence.rstrip('0123456789')
        names = [f'frames/{sequence}', f'labelled_{split}', f'unlabelled_{split}']
        return [Path(self.data_root or '') / name for name in names]

    def _nothing(self, read: list[EndoVisLabels]) -> str:
        total = sum(len(labels.frames) for labels in read)
        names = ', '.join(labels.path.name for labels in read)
        ignored = sorted({name for labels in read for name in labels.ignored})
        extra = f' The classes {", ".join(ignored)} are no joints.' if ignored else ''
        other = 'unannotated' if self.frames == 'annotated' else 'annotated'
        return (
            f'no {self.frames} frame among the {total} of {names}: all of them are '
            f"{other}.{extra} Choose other sequences, or frames='all'."
        )


def _expand(sequences: str | Sequence[str]) -> tuple[str, ...]:
    given = [sequences] if isinstance(sequences, str) else sequences
    names = [name for entry in given for name in SEQUENCES.get(entry, (entry,))]
    unknown = [name for name in names if not name[-1:].isdigit()]
    if unknown:
        raise ValueError(
            f'sequences: {unknown[0]!r} is none of {", ".join(SEQUENCES)}, and no name '
            "of a video, which ends in its number, such as 'train1'"
        )
    if not names:
        raise ValueError(
            f'sequences is empty, expected {", ".join(SEQUENCES)} or names of videos'
        )
    return tuple(dict.fromkeys(names))
