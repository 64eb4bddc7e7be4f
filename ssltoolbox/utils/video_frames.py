"""Write the frames of videos as JPEG; what was interrupted goes on where it stopped."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.progress import Progress

from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import read_json, write_json

NameOf = Callable[[int], str]


@dataclass(frozen=True)
class Extraction:
    """What became of a video.

    Args:
        folder: Where its frames are.
        count: Frames taken, those of earlier runs included.
        earlier: How many of them an earlier run had written.
        broken: Frames that could not be decoded, and are absent.
        promised: Frames to take by the header of the video; 0 if it does not say.
        finished_before: Nothing was left to do.
    """

    folder: Path
    count: int
    earlier: int = 0
    broken: int = 0
    promised: int = 0
    finished_before: bool = False

    def summary(self) -> str:
        """Say in one line how many frames there are, and whether some are missing."""
        if self.finished_before:
            return f'{self.folder}: finished before, nothing to do'
        text = f'{self.folder}: {self.count} frames, {self.earlier} of them from an '
        text += 'earlier run'
        if self.broken:
            text += f'; {self.broken} more cannot be decoded'
        if self.count + self.broken < self.promised:
            text += f'; the video ends early, its header promises {self.promised}'
        return text


def write_frames(
    video: Path, folder: Path, name_of: NameOf, every: int = 1, quality: int = 95
) -> Extraction:
    """Write every n-th frame of a video, with a progress bar.

    Args:
        video: The file.
        folder: Where to write ``<name>.jpg``, and ``frames.json``, which says what
            was asked for.
        name_of: Name of a frame, from its number counted from 0.
        every: Take every n-th frame.
        quality: Of the JPEG, 1 to 100.

    Raises:
        FileNotFoundError: There is no such video.
        ValueError: No frame of it can be decoded, or the folder holds frames of
            another video or other settings.
    """
    if not video.is_file():
        raise FileNotFoundError(f'{video} does not exist.')
    if _check_state(folder, video, every, quality):
        return Extraction(folder, 0, finished_before=True)

    def file_of(number: int) -> Path:
        return folder / f'{name_of(number)}.jpg'

    length = _length(video)
    # headers of videos may lie about the length, or have none
    promised = -(-length // every) if length > 0 else 0
    count = earlier = broken = 0
    with Progress() as progress:
        bar = progress.add_task(video.name, total=promised or None)
        for number, frame in _decode(video, every, lambda n: file_of(n).is_file()):
            if frame is not None:
                write_image(file_of(number), frame, quality)
            elif file_of(number).is_file():
                earlier += 1
            else:
                broken += 1
            count += 1
            progress.update(bar, completed=count)
    if not count:
        # nothing is kept of it: a sound copy of the video has another size
        (folder / 'frames.json').unlink()
        raise ValueError(f'{video}: no frame can be decoded; is it a video?')
    record = read_json(folder / 'frames.json', 'record of frames', '')
    write_json(folder / 'frames.json', dict(record, finished=True))
    return Extraction(folder, count - broken, earlier, broken, promised)


def _decode(
    path: Path, every: int, skip: Callable[[int], bool]
) -> Iterator[tuple[int, np.ndarray | None]]:
    """Walk over every n-th frame; None for those skipped, not decoded, or broken."""
    video = cv2.VideoCapture(str(path))
    number = 0
    try:
        while video.grab():
            if number % every == 0:
                yield number, None if skip(number) else video.retrieve()[1]
            number += 1
    finally:
        video.release()


def _check_state(folder: Path, video: Path, every: int, quality: int) -> bool:
    """Compare with the last run into this folder; True if it was finished."""
    state = dict(
        video=video.name, bytes=video.stat().st_size, every=every, quality=quality
    )
    record = folder / 'frames.json'
    if record.exists():
        last = read_json(record, 'record of frames', f'Delete {folder}.')
        finished = last.pop('finished', False)
        if last != state:
            raise ValueError(
                f'{folder} was made with {json.dumps(last)}, now asked for '
                f'{json.dumps(state)}. Choose another --out or delete the folder.'
            )
        return finished
    write_json(record, dict(state, finished=False))
    return False


def _length(video: Path) -> int:
    """Frames that the header of a video promises."""
    capture = cv2.VideoCapture(str(video))
    length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    return length
