"""Publish a generated data set as one folder: complete, or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ssltoolbox.utils.json_file import write_json


class Product(NamedTuple):
    """What is generated: its name, the marker file, where its images are.

    ``pattern`` finds the images in the folder ``images``.
    """

    name: str
    marker: str
    images: str
    pattern: str = '**/*.jpg'


def write_once(
    root: str | os.PathLike,
    product: Product,
    params: dict[str, Any],
    write: Callable[[Path], None],
) -> Path:
    """Write a data set below ``root``, unless it is already there.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        product (Product): What ``write`` makes.
        params (dict): Everything that decides the content; ``num_<split>`` are
            numbers of images.
        write (Callable): Fills the folder that it gets.

    Raises:
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    root = Path(root).resolve()
    if _is_complete(root, product, params):
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f'.{root.name}-', dir=root.parent))
    try:
        write(draft)
        write_json(draft / product.marker, params)
        draft.chmod(0o755)
        _publish(draft, root, product, params)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def check_size_and_seed(image_size: tuple[int, int], seed: int) -> None:
    """Refuse image sides and seeds out of range."""
    low, high = image_size
    if not 64 <= low <= high <= 1024:
        raise ValueError(
            'image_size: expected smallest and largest side within 64 to 1024 '
            f'pixels, got {tuple(image_size)}'
        )
    check_seed(seed)


def check_counts(counts: Mapping[str, int]) -> None:
    """Refuse a split without an image; counts of images by the name of the split."""
    for split, count in counts.items():
        if count < 1:
            raise ValueError(f'num_{split}: expected at least one image, got {count}')


def check_seed(seed: int) -> None:
    """Refuse a seed that numpy's generator refuses."""
    if seed < 0:
        raise ValueError(f'seed: expected a whole number from 0 on, got {seed}')


def _is_complete(root: Path, product: Product, params: dict) -> bool:
    """Tell if ``root`` holds the wanted set; refuse a folder with other content."""
    if root.is_dir() and not any(root.iterdir()) or not root.exists():
        return False
    marker = root / product.marker
    if not marker.is_file():
        raise FileExistsError(
            f'{root}: expected a new or empty folder or a set with {product.marker}, '
            'found other files. Choose another folder.'
        )
    found = json.loads(marker.read_text())
    if found != params:
        differing = {
            k: (found.get(k), v) for k, v in params.items() if found.get(k) != v
        }
        raise FileExistsError(
            f'{root}: holds {product.name} with other parameters, as (found, wanted): '
            f'{differing}. Choose another folder or delete this one.'
        )
    wanted = sum(v for k, v in params.items() if k.startswith('num_'))
    present = len(list((root / product.images).glob(product.pattern)))
    if present != wanted:
        raise FileExistsError(
            f'{root}: expected {wanted} images in {product.images}, found {present}. '
            'Delete the folder and generate it again.'
        )
    return True


def _publish(draft: Path, root: Path, product: Product, params: dict) -> None:
    """Move the finished set into place, or take the one of a faster process."""
    if root.is_dir():
        with suppress(OSError):
            root.rmdir()
    try:
        draft.rename(root)
    except OSError:
        if not _is_complete(root, product, params):
            raise
