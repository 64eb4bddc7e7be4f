"""Read sparse models of COLMAP that were written as binary files, little-endian."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .colmap_model import PARAMETERS, ColmapCamera, ColmapImage, ColmapPoint

MODELS = tuple(PARAMETERS)
FEATURE = np.dtype([('x', '<f8'), ('y', '<f8'), ('point', '<i8')])
LONGEST_NAME = 4096


def read_cameras(path: Path) -> dict[int, ColmapCamera]:
    """Read ``cameras.bin``."""
    stream, cameras = _Stream(path), {}
    for _ in stream.entries():
        number, model, width, height = stream.take('iiQQ')
        if not 0 <= model < len(MODELS):
            stream.fail(f'a camera model from 0 to {len(MODELS) - 1}, got {model}')
        name = MODELS[model]
        values = stream.take(f'{PARAMETERS[name]}d')
        cameras[number] = ColmapCamera(name, width, height, values)
    return cameras


def read_images(path: Path) -> dict[int, ColmapImage]:
    """Read ``images.bin``."""
    stream, images = _Stream(path), {}
    for _ in stream.entries():
        number, *pose, camera = stream.take('i7di')
        name, (count,) = stream.text(), stream.take('Q')
        found = stream.array(FEATURE, count)
        pixels = np.stack([found['x'], found['y']], 1)
        values = np.array(pose)
        images[number] = ColmapImage(name, camera, values[:4], values[4:], pixels)
    return images


def read_points(path: Path) -> dict[int, ColmapPoint]:
    """Read ``points3D.bin``."""
    stream, points = _Stream(path), {}
    for _ in stream.entries():
        number, x, y, z, *_, count = stream.take('Q3d3BdQ')
        track = stream.array(np.dtype('<i4'), 2 * count).reshape(-1, 2).tolist()
        points[number] = ColmapPoint(np.array([x, y, z]), [(a, b) for a, b in track])
    return points


class _Stream:
    """Reads a file from front to back, and tells where it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path, self.content, self.place = path, path.read_bytes(), 0

    def entries(self) -> Iterator[int]:
        """As many steps as the number at the beginning says, to the end of the file."""
        yield from range(self.take('Q')[0])
        if self.place != len(self.content):
            self.fail('its end')

    def take(self, layout: str) -> tuple:
        """Read numbers."""
        packed = struct.Struct(f'<{layout}')
        self._need(packed.size)
        values = packed.unpack_from(self.content, self.place)
        self.place += packed.size
        return values

    def array(self, kind: np.dtype, count: int) -> np.ndarray:
        """Read many values of a kind."""
        self._need(kind.itemsize * count)
        values = np.frombuffer(self.content, kind, count, self.place)
        self.place += kind.itemsize * count
        return values

    def text(self) -> str:
        """Read a text that ends with a zero byte."""
        end = self.content.find(b'\0', self.place, self.place + LONGEST_NAME)
        if end < 0:
            self.fail('a name')
        text = self.content[self.place : end].decode(errors='replace')
        self.place = end + 1
        return text

    def fail(self, wanted: str) -> None:
        """Refuse the file."""
        raise ValueError(
            f'{self.path}, byte {self.place} of {len(self.content)}: expected '
            f'{wanted}. The file is damaged, export the model again'
        )

    def _need(self, size: int) -> None:
        if self.place + size > len(self.content):
            self.fail(f'{size} more bytes')
