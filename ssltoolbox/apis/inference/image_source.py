"""Walk over images, folders, videos and arrays, past what cannot be read."""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import cv2
import numpy as np

from ssltoolbox.utils.image_file import list_images, read_image

VIDEO_SUFFIXES = frozenset('.avi .m4v .mkv .mov .mp4 .mpeg .mpg .webm .wmv'.split())
READERS = 4
AHEAD = 8

Input = str | Path | np.ndarray


@dataclass
class Frame:
    """One picture: its file, its number in a video, and its pixels.

    Args:
        file (str): Path relative to the folder given, else the file's name.
        index (int): Frame number in a video from 0; 0 for still images.
        image (np.ndarray): (H, W, 3) uint8, BGR.
    """

    file: str
    index: int
    image: np.ndarray


class ImageSource:
    """Iterate over frames; what cannot be read is warned about and counted.

    Args:
        inputs (str | Path | np.ndarray | Sequence): Image file, video file, folder
            (searched in depth), (H, W, 3) BGR array, or a sequence of these.
        upright (bool): Turn photographs as their EXIF tag says. Boxes of data sets
            refer to the pixels as stored, so it must be False with those.

    Attributes:
        unreadable (list[str]): Files that were left out.

    Raises:
        FileNotFoundError: If a path does not exist or a folder has no image.
    """

    def __init__(self, inputs: Input | Sequence[Input], upright: bool = True) -> None:
        if isinstance(inputs, str | Path | np.ndarray):
            inputs = [inputs]
        self.upright = upright
        self.unreadable: list[str] = []
        self.items: list[tuple[str, Path | np.ndarray]] = []
        for item in inputs:
            self.items += self._expand(item)

    @property
    def videos(self) -> list[str]:
        """Names of the videos among the inputs."""
        return [name for name, item in self.items if is_video(item)]

    def __len__(self) -> int:
        """Count the frames; a video's number is what its header says."""
        videos = [path for _, path in self.items if is_video(path)]
        return len(self.items) - len(videos) + sum(map(frame_count, videos))

    def __iter__(self) -> Iterator[Frame]:
        for (name, item), image in _ahead(self._read, self.items):
            if is_video(item):
                yield from self._video_frames(name, item)
            elif image is None:
                self._leave_out(name, 'no image that can be decoded')
            else:
                yield Frame(name, 0, image)

    def _expand(self, item: Input) -> list[tuple[str, Path | np.ndarray]]:
        if isinstance(item, np.ndarray):
            return [(str(len(self.items)), item)]
        path = Path(item).expanduser()
        if not path.exists():
            raise FileNotFoundError(f'input {path} does not exist, check its path')
        if not path.is_dir():
            return [(path.name, path)]
        return [(name, path / name) for name in list_images(path)]

    def _read(self, entry: tuple[str, Path | np.ndarray]) -> np.ndarray | None:
        item = entry[1]
        if isinstance(item, np.ndarray):
            return _as_color(item)
        return None if is_video(item) else read_image(item, self.upright)

    def _video_frames(self, name: str, path: Path) -> Iterator[Frame]:
        video, index = cv2.VideoCapture(str(path)), 0
        while (answer := video.read())[0]:
            yield Frame(name, index, answer[1])
            index += 1
        video.release()
        if not index:
            self._leave_out(name, 'no frame of this video can be decoded')
        elif index < frame_count(path):
            warnings.warn(
                f'{name}: the video ends after frame {index} of {frame_count(path)}',
                stacklevel=2,
            )

    def _leave_out(self, name: str, reason: str) -> None:
        self.unreadable.append(name)
        warnings.warn(f'{name}: {reason}; it is left out', stacklevel=2)


def is_video(item: Path | np.ndarray) -> TypeGuard[Path]:
    """Tell videos from images by the file's suffix."""
    return isinstance(item, Path) and item.suffix.lower() in VIDEO_SUFFIXES


def frame_count(path: str | Path) -> int:
    """Count the frames of a video by its header; 0 if it has none."""
    return max(0, int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT)))


def _as_color(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim not in (2, 3):
        raise ValueError(
            f'expected an image as uint8 (H, W, 3) in BGR, got {image.dtype} '
            f'{image.shape}'
        )
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image


def _ahead(function: Callable, items: Iterable) -> Iterator[tuple]:
    """Map in order, a few items ahead on threads, since decoding is the slow part."""
    with ThreadPoolExecutor(READERS) as pool:
        waiting: deque = deque()
        for item in items:
            waiting.append((item, pool.submit(function, item)))
            if len(waiting) > AHEAD:
                item, future = waiting.popleft()
                yield item, future.result()
        for item, future in waiting:
            yield item, future.result()
