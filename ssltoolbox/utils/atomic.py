"""Put a file in place whole or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside ``path``, and rename it when the block succeeded.

    A failure, a kill or a full disk in between leaves the old file as it was. Of
    several writers at a time the last one wins. A missing folder is made.

    Args:
        path: The file to write. The temporary one has the same suffix, from which
            writers of pictures and videos tell the format.

    Raises:
        OSError: Writing failed; says where and how much space is left.
    """
    path = Path(path)
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        put_in_place(temporary, path)
    except OSError as error:
        raise OSError(
            error.errno,
            f'cannot write {path} ({error.strerror or error}; {_space(path.parent)}): '
            'what was there before is untouched, free some space or choose another '
            'folder',
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary folder beside ``path``, renamed when the block succeeded.

    Raises:
        FileExistsError: There is something at ``path``; nothing is overwritten.
    """
    path = Path(path)
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise FileExistsError(
            f'{path} exists and is not empty; nothing is overwritten. Move it away, or '
            'choose another folder to write to'
        )
    temporary = temporary_beside(path)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if path.is_dir():
            path.rmdir()
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def temporary_beside(path: Path) -> Path:
    """Name a hidden file in the same folder, with the same suffix."""
    return path.with_name(f'.{secrets.token_hex(4)}.tmp.{path.name}')


def put_in_place(temporary: Path, path: Path) -> None:
    """Rename a complete file, once the disk has its content."""
    with open(temporary, 'rb+') as stream:
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write a file in one step, so that a reader never sees half of it."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write UTF-8 text in one step, so that a reader never sees half of it."""
    write_bytes(path, text.encode())


def _space(folder: Path) -> str:
    try:
        return f'{shutil.disk_usage(folder).free / 2**20:.0f} MiB free'
    except OSError:
        return 'the folder cannot be made'
