"""Write a video that is either complete or absent, or its frames where that fails."""

import warnings
from pathlib import Path

import cv2
import numpy as np

from ssltoolbox.utils.atomic import put_in_place, temporary_beside
from ssltoolbox.utils.image_file import write_image


class VideoFile:
    """Write frames to an mp4; without an encoder for it, to a folder of pictures.

    Use it in a ``with`` block: the file appears at its end, and only if no error came.

    Args:
        path (str | Path): Target ending in ``.mp4``. Missing folders are made.
        fps (float): Frames per second; 25 if not positive.

    Attributes:
        path (Path): What is written: the video, or the folder of pictures.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        self.path = Path(path)
        self.fps = fps if fps > 0 else 25.0
        self._partial = temporary_beside(self.path)
        self._writer: cv2.VideoWriter | None = None
        self._count = 0

    def __enter__(self) -> 'VideoFile':
        return self

    def write(self, frame: np.ndarray) -> None:
        """Add one frame, (H, W, 3) uint8 BGR, of the size of the first."""
        if self._count == 0:
            self._open(frame.shape[1], frame.shape[0])
        if self._writer is None:
            write_image(self.path / f'{self._count:06d}.jpg', frame)
        else:
            self._writer.write(frame)
        self._count += 1

    def _open(self, width: int, height: int) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        code = cv2.VideoWriter.fourcc(*'mp4v')
        writer = cv2.VideoWriter(str(self._partial), code, self.fps, (width, height))
        if writer.isOpened():
            self._writer = writer
            return
        video, self.path = self.path, self.path.with_suffix('')
        warnings.warn(
            f'OpenCV cannot encode {video} here (no mp4v encoder); the frames are '
            f'written to {self.path}/ instead. Make a video of them with: ffmpeg -r '
            f'{self.fps:g} -i {self.path}/%06d.jpg {video}',
            stacklevel=3,
        )

    def __exit__(self, kind: type | None, *_: object) -> None:
        if self._writer is None:
            return
        self._writer.release()
        if kind is None:
            put_in_place(self._partial, self.path)
        else:
            self._partial.unlink(missing_ok=True)
