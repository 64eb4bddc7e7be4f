"""Find and read a sparse model of COLMAP, be it text or binary."""

from pathlib import Path

from . import colmap_binary, colmap_text
from .colmap_model import ColmapModel

PARTS = ('cameras', 'images', 'points3D')


def read_colmap(folder: str | Path) -> ColmapModel:
    """Read a sparse model, text or binary.

    Raises:
        FileNotFoundError: The folder holds no model.
        ValueError: A file is damaged; names it, and the line or the byte.
    """
    folder = Path(folder)
    for suffix, reader in (('.bin', colmap_binary), ('.txt', colmap_text)):
        paths = [folder / f'{part}{suffix}' for part in PARTS]
        if all(path.is_file() for path in paths):
            cameras, images, points = paths
            return ColmapModel(
                reader.read_cameras(cameras),
                reader.read_images(images),
                reader.read_points(points),
            )
    raise FileNotFoundError(
        f'{folder.absolute()} holds no model of COLMAP: expected cameras, images and '
        'points3D, all .bin or all .txt; COLMAP writes them to a numbered folder, such '
        'as sparse/0'
    )
