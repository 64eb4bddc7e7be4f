"""An append-only file of pseudo labels in the making."""

import os
from collections.abc import Callable, Iterator
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
        num_keypoints: K.
        meta: What makes the records; a change makes the old ones worthless.
    """

    def __init__(self, folder: Path, num_keypoints: int, meta: dict[str, Any]) -> None:
        self.folder = folder
        self.dtype = np.dtype([
            ('id', '<i8'),
            ('keypoints', '<f4', (num_keypoints, 2)),
            ('scores', '<f4', (num_keypoints,)),
        ])  # fmt: skip
        self.header = folder / 'records.json'
        self.fingerprint = settings_sha256({**meta, 'keypoints': num_keypoints})

    def begin(self) -> None:
        """Keep the records of an interrupted job of the same kind, delete others."""
        known = (
            read_json(self.header, 'record header', '') if self.header.is_file() else {}
        )
        if known.get('fingerprint') != self.fingerprint:
            self.delete()
            write_json(self.header, {'fingerprint': self.fingerprint})

    @contextmanager
    def open(self, rank: int) -> Iterator[Callable]:
        """Give a function ``write(ids, keypoints, scores)`` that appends a batch."""
        path = self.folder / f'records_{rank}.bin'
        whole = path.stat().st_size // self.dtype.itemsize if path.exists() else 0
        with open(path, 'ab') as file:
            file.truncate(whole * self.dtype.itemsize)

            def write(ids, keypoints: np.ndarray, scores: np.ndarray) -> None:
                batch = np.empty(len(ids), self.dtype)
                batch['id'], batch['keypoints'], batch['scores'] = (
                    ids,
                    keypoints,
                    scores,
                )
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
