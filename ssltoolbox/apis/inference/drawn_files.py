"""What all inferences do with the pictures that they draw."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import cv2

from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.visualization.video import VideoFile

MAX_NAMED = 5


def picture_path(out: Path, file: str) -> Path:
    """Name the drawn picture after its image, in a format that can be written."""
    known = PurePosixPath(file).suffix.lower() in ('.jpg', '.jpeg', '.png')
    return out / 'images' / (file if known else f'{file}.jpg')


def drawn_video(out: Path, source: ImageSource) -> VideoFile:
    """The drawn video, as fast as the one that is the only input."""
    ((_, path),) = source.items
    fps = cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS)
    return VideoFile(out / f'{Path(str(path)).stem}.mp4', fps)


def counted(what: str, files: Sequence[str]) -> str:
    """A line with the number of files and the names of the first.

    >>> counted('could not be read', ['a.jpg', 'b.jpg'])
    'could not be read: 2 (a.jpg, b.jpg)'
    """
    named = [*files[:MAX_NAMED], *['...'] * (len(files) > MAX_NAMED)]
    return f'{what}: {len(files)} ({", ".join(named)})'
