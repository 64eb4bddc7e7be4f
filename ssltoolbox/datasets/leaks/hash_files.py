"""Fingerprints of many pictures: in threads, and only of those that are new."""

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from ssltoolbox.utils.progress_bar import progress_bar

from .hash_cache import Entry, cache_file, read_entries, write_entries
from .picture_hash import BITS, UNREADABLE, picture_hash

WORTH_KEEPING = 100
"""Fewer new pictures than this are hashed again sooner than a file is written."""


def hash_files(
    files: Sequence[str], cache: Path | None = None, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Hash pictures, or take what an earlier run found.

    An entry is used while size and time of its file are the same. Several processes may
    write at once: each writes a whole file, the last one wins.

    Args:
        files: Real paths.
        cache: Folder of the fingerprints; None keeps none. One that cannot be written
            is no error: the next run hashes again.
        threads: How many; as many as there are cores by default, at most 16.

    Returns:
        (N, 256) bool and the states (N,) of
        :func:`~ssltoolbox.datasets.leaks.picture_hash.picture_hash`.
    """
    known = _Known(cache, files)
    fresh = {file: _stat(file) for file in files}
    new = [file for file in files if not known.has(file, fresh[file])]
    count = min(16, threads or os.cpu_count() or 1)
    if new:
        with (
            progress_bar('pictures compared', len(new)) as advance,
            ThreadPoolExecutor(count) as pool,
        ):
            for file, (bits, state) in zip(
                new, pool.map(picture_hash, new), strict=True
            ):
                known.add(file, (*fresh[file], bits.tobytes(), state))
                advance()
        known.write()
    entries = [known.entries[os.path.dirname(f)][os.path.basename(f)] for f in files]
    rows = np.frombuffer(b''.join(entry[2] for entry in entries), np.uint8)
    bits = np.unpackbits(rows.reshape(len(files), BITS // 8), axis=1).astype(bool)
    return bits, np.array([entry[3] for entry in entries], np.uint8)


class _Known:
    """Entries of the folders of some files."""

    def __init__(self, cache: Path | None, files: Sequence[str]) -> None:
        self.cache, self.new = cache, defaultdict(int)
        folders = {os.path.dirname(file) for file in files}
        self.entries: dict[str, dict[str, Entry]] = {
            folder: {} if cache is None else read_entries(cache_file(cache, folder))
            for folder in sorted(folders)
        }

    def has(self, file: str, stat: tuple[int, int]) -> bool:
        entry = self.entries[os.path.dirname(file)].get(os.path.basename(file))
        return entry is not None and entry[:2] == stat

    def add(self, file: str, entry: Entry) -> None:
        folder, name = os.path.split(file)
        self.entries[folder][name] = entry
        self.new[folder] += 1

    def write(self) -> None:
        if self.cache is None or sum(self.new.values()) < WORTH_KEEPING:
            return
        try:
            for folder in self.new:
                # what cannot be read may be there at the next run
                kept = {
                    name: entry
                    for name, entry in self.entries[folder].items()
                    if entry[3] != UNREADABLE
                }
                if kept:
                    write_entries(cache_file(self.cache, folder), kept)
        except OSError as error:
            print_log(f'pictures are compared anew next time: {error}')


def _stat(file: str) -> tuple[int, int]:
    try:
        stat = os.stat(file)
    except OSError:
        return -1, -1
    return stat.st_size, stat.st_mtime_ns
