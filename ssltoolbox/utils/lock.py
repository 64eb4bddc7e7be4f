"""Let one process at a time write to a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where two runs are not kept apart
    fcntl = None

NAME = '.in_use'


@contextmanager
def sole_user(folder: str | Path) -> Iterator[None]:
    """Hold a folder; the lock ends with the process, however that ends.

    Args:
        folder: Made if it is absent. A file ``.in_use`` in it names the process.

    Raises:
        OSError: Another process holds it.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / NAME
    # not 'w', which would empty the file of the process that holds the lock
    with open(path, 'a+') as file:
        if fcntl is not None and not _locked(file):
            file.seek(0)
            raise BlockingIOError(
                f'{folder} is in use by process {file.read().strip()}, which may have '
                'been left by a run that was killed: wait for it, end it, or choose '
                'another --work-dir'
            )
        file.truncate(0)
        file.write(f'{os.getpid()}\n')
        file.flush()
        yield


def _locked(file) -> bool:
    try:
        # unlike flock, not kept alive by loading processes that were forked
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks is used as before
        return True
    return True
