"""Keep fingerprints of pictures between runs, one file per folder of images."""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np

from ssltoolbox.utils.atomic import atomic_path

from .picture_hash import BITS

VERSION = 1
Entry = tuple[int, int, bytes, int]
"""Size and time of a file (bytes, ns), its fingerprint and its state."""

_DAMAGED = (
    *(ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile),
    *(TypeError, AttributeError),
)


def default_folder() -> Path:
    """Where fingerprints are kept: ``ssltoolbox/pictures`` in the user's cache."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base, 'ssltoolbox', 'pictures')


def cache_file(folder: Path, images: str) -> Path:
    """Name the file for a folder of images."""
    return folder / f'{hashlib.sha256(images.encode()).hexdigest()[:24]}.npz'


def read_entries(path: Path) -> dict[str, Entry]:
    """Read what is known by file name; nothing of a file that is absent or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file['version']) != VERSION:
                return {}
            names, sizes, times = file['names'], file['sizes'], file['times']
            hashes, states = file['hashes'], file['states']
        count = len(names)
        if hashes.shape != (count, BITS // 8) or hashes.dtype != np.uint8:
            return {}
        columns = sizes.tolist(), times.tolist(), hashes, states.tolist()
        return {
            name: (size, time, row.tobytes(), state)
            for name, size, time, row, state in zip(
                names.tolist(), *columns, strict=True
            )
        }
    except _DAMAGED:
        return {}


def write_entries(path: Path, entries: dict[str, Entry]) -> None:
    """Write what is known by file name, in one step.

    Raises:
        OSError: It cannot be written.
    """
    sizes, times, hashes, states = zip(*entries.values(), strict=True)
    rows = np.frombuffer(b''.join(hashes), np.uint8).reshape(len(entries), -1)
    with atomic_path(path) as temporary:
        np.savez(
            temporary,
            version=VERSION,
            names=np.array(list(entries)),
            sizes=np.array(sizes, np.int64),
            times=np.array(times, np.int64),
            hashes=rows,
            states=np.array(states, np.uint8),
        )
