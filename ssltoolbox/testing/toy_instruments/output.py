"""Write pictures and masks of a video, and count the frames."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ssltoolbox.testing.drawing.progress import Bar
from ssltoolbox.utils.image_file import write_image

from .take import Frame


class Output:
    """Writes the frames of all videos of a data set.

    Args:
        num_frames (int): Of all videos.
        progress (bool): Show a bar with the remaining time, in a terminal.
    """

    def __init__(self, num_frames: int, progress: bool) -> None:
        self.bar = Bar(num_frames, progress)

    def save(
        self, frames: Iterable[Frame], pictures: Iterable[Path], masks: Path
    ) -> Iterator[list[np.ndarray]]:
        """Write frames one by one, and give the keypoints of each.

        Args:
            frames (Iterable[Frame]): May draw them one by one.
            pictures (Iterable[Path]): The file of each.
            masks (Path): Folder of the masks, which have the names of the pictures.
        """
        for frame, path in zip(frames, pictures, strict=True):
            write_image(path, np.ascontiguousarray(frame.image[..., ::-1]), quality=95)
            write_image(masks / f'{path.stem}.png', frame.mask)
            self.bar.update()
            yield frame.instruments


def check_width(width: int) -> None:
    """Refuse image widths out of range."""
    if not 80 <= width <= 1024:
        raise ValueError(f'width: expected 80 to 1024 pixels, got {width}')


def shares(name: str, total: int, num_videos: int) -> list[int]:
    """Split frames evenly over videos, at least one each; the first get the rest."""
    if total < num_videos:
        raise ValueError(
            f'{name}: expected at least one frame for each of {num_videos} videos, '
            f'got {total}'
        )
    return [total // num_videos + (i < total % num_videos) for i in range(num_videos)]
