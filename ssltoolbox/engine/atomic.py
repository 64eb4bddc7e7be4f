"""Put a file in place whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside ``path``, and rename it when the block succeeded.

    A failure, a kill or a full disk in between leaves the old file as it was.

    Raises:
        OSError: Writing failed; says where and how much space is left.
    """
    path = Path(path)
    temporary = path.with_name(f'.{path.name}.tmp')
    try:
        yield temporary
        with open(temporary, 'rb') as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(
            error.errno,
            f'cannot write {path} ({error.strerror or error}; {_space(path.parent)}): '
            'what was there before is untouched, free some space or choose another '
            'folder',
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _space(folder: Path) -> str:
    try:
        return f'{shutil.disk_usage(folder).free / 2**20:.0f} MiB free'
    except OSError:
        return 'the folder does not exist'
