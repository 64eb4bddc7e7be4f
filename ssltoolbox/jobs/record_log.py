"""An append-only file of what a job found out so far."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.utils.digest import settings_sha256
from ssltoolbox.utils.json_file import read_json, write_json


class RecordLog:
    """Fixed-size records, one file per process, that a killed job can go on with.

    A record that was only half written when the job was killed is dropped; records of
    another job (other weights, data or parameters) are deleted.

    Args:
        folder: Where the files are.
        fields: What a record holds besides its id, as of a numpy type: ``(name,
            format)`` or ``(name, format, shape)`` each.
        meta: What makes the records; a change makes the old ones worthless.
    """

    def __init__(
        self, folder: Path, fields: Sequence[tuple], meta: dict[str, Any]
    ) -> None:
        self.folder = folder
        self.dtype = np.dtype([('id', '<i8'), *fields])
        self.header = folder / 'records.json'
        self.fingerprint = settings_sha256({**meta, 'fields': self.dtype.descr})

    def begin(self) -> bool:
        """Keep the records of an interrupted job of the same kind, delete others.

        Returns:
            Whether there was such a job.
        """
        known = (
            read_json(self.header, 'record header', '') if self.header.is_file() else {}
        )
        if known.get('fingerprint') == self.fingerprint:
            return True
        self.delete()
        write_json(self.header, {'fingerprint': self.fingerprint})
        return False

    @contextmanager
    def open(self, rank: int) -> Iterator[Callable]:
        """Give a function that appends a batch: ids (B,), and each of the fields."""
        path = self.folder / f'records_{rank}.bin'
        whole = path.stat().st_size // self.dtype.itemsize if path.exists() else 0
        with open(path, 'ab') as file:
            file.truncate(whole * self.dtype.itemsize)

            def write(ids: Sequence[int], *values: Any) -> None:
                batch = np.empty(len(ids), self.dtype)
                for name, value in zip(self.dtype.names, (ids, *values), strict=True):
                    batch[name] = value
                file.write(batch.tobytes())
                file.flush()
                os.fsync(file.fileno())

            yield write

    def read(self) -> np.ndarray:
        """All whole records, each id once."""
        parts = [np.empty(0, self.dtype)]
        for path in sorted(self.folder.glob('records_*.bin')):
            content = path.read_bytes()
            whole = len(content) // self.dtype.itemsize * self.dtype.itemsize
            parts.append(np.frombuffer(content[:whole], self.dtype))
        records = np.concatenate(parts)
        return records[np.unique(records['id'], return_index=True)[1]]

    def delete(self) -> None:
        """Remove the files."""
        for path in (*self.folder.glob('records_*.bin'), self.header):
            path.unlink(missing_ok=True)
