"""What stores with files of their own for every image have in common."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np


def image_rows(
    folder: Path,
    ids: Iterable[int],
    confidence: Iterable[float],
    about: Iterable[Mapping[str, Any]] | None = None,
) -> dict[int, dict[str, Any]]:
    """List what is known of every image, as ``meta.json`` keeps it.

    Args:
        folder: The store, for messages.
        ids: Id of each image.
        confidence: Of each image.
        about: What else is known of it.

    Raises:
        ValueError: An id comes twice, or a confidence is not finite.
    """
    ids, values = [int(i) for i in ids], [float(value) for value in confidence]
    others = [dict(each) for each in about] if about is not None else [{}] * len(ids)
    rows = {
        i: {**other, 'confidence': value}
        for i, value, other in zip(ids, values, others, strict=True)
    }
    infinite = [i for i, row in rows.items() if not np.isfinite(row['confidence'])]
    if len(rows) < len(ids) or infinite:
        raise ValueError(
            f'{folder}: image ids must be unique and confidences finite numbers, '
            f'got {len(ids) - len(rows)} duplicates, and other confidences of '
            f'the images {infinite[:5]}'
        )
    return rows


def check_size(path: Path, size: int) -> None:
    """Compare a file with what ``meta.json`` says of it.

    Raises:
        ValueError: It is absent or has another size.
    """
    found = path.stat().st_size if path.is_file() else None
    if found != size:
        told = 'absent' if found is None else f'{found} bytes long'
        raise ValueError(f'{path} is {told}, meta.json says {size} bytes')


def keep_only(folder: Path, files: Iterable[Path]) -> None:
    """Make a folder, and delete what a killed job may have left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in set(folder.iterdir()) - set(files):
        path.unlink()
