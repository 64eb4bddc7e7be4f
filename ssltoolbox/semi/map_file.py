"""The dense pseudo label of one image on disk, without pickle."""

import zipfile
from pathlib import Path

import numpy as np

from ssltoolbox.semi.store_meta import stage_of
from ssltoolbox.utils.atomic import atomic_path


def map_file(folder: str | Path, img_id: int) -> Path:
    """Where a store keeps the maps of an image."""
    return Path(folder) / 'maps' / f'{img_id}.npz'


def write_maps(folder: str | Path, img_id: int, maps: np.ndarray) -> None:
    """Write the maps (C, h, w) of one image into a store, in half precision.

    Raises:
        ValueError: Another shape, or numbers that half precision cannot hold.
    """
    with np.errstate(over='ignore'):
        half = np.asarray(maps).astype(np.float16)
    if half.ndim != 3 or not np.isfinite(half).all():
        raise ValueError(
            f'maps of image {img_id} must be (C, h, w) finite numbers below 65504, '
            f'got shape {half.shape}, {int((~np.isfinite(half)).sum())} of them not: '
            'has the network diverged?'
        )
    with atomic_path(map_file(folder, img_id)) as temporary:
        np.savez(temporary, maps=half, id=np.int64(img_id))


def read_maps(path: str | Path, img_id: int) -> np.ndarray:
    """Read the maps (C, h, w) float32 of one image from the file of a store.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is truncated, of another image, or no file of a store.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            maps, found = file['maps'], int(file['id'])
        if maps.ndim != 3 or maps.dtype != np.float16 or not np.isfinite(maps).all():
            raise ValueError(
                f'expected finite float16 maps (C, h, w), got {maps.dtype} {maps.shape}'
            )
        if found != img_id:
            raise ValueError(f'it holds image {found}, not {img_id}')
    except FileNotFoundError:
        raise FileNotFoundError(
            f'pseudo label {path} does not exist. {next_step(path.parent.parent)}'
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError,
            zipfile.BadZipFile, NotImplementedError) as error:  # fmt: skip
        raise ValueError(
            f'pseudo label {path} is damaged or not one of ours: {error}. '
            f'{next_step(path.parent.parent)}'
        ) from error
    return maps.astype(np.float32)


def next_step(folder: Path) -> str:
    """What to do with a store that is damaged."""
    stage = stage_of(folder, 'pseudo_label')
    return f'Delete the folder {folder} and run the {stage} stage again'
