"""Load checkpoints without running code from them.

A checkpoint is a pickle, and a pickle may run anything. mmengine tries the safe way
first and then falls back to full unpickling without asking. Here a file either
loads as plain data (tensors, numbers, the runner's logs) or is refused, until the
user says by ``--trust-checkpoint`` that its origin is trusted.
"""

import errno
import functools
import logging
import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import mmengine.runner.checkpoint as upstream
import torch
from mmengine.logging import print_log

from ssltoolbox.checkpoints.download import cached_download
from ssltoolbox.checkpoints.safe_globals import safe_globals

_trusted = False


class CheckpointError(RuntimeError):
    """A checkpoint cannot be read, or does not fit."""


class UntrustedCheckpointError(CheckpointError):
    """A checkpoint holds more than plain data, so reading it could run its code."""


def trust_checkpoints() -> None:
    """Let every checkpoint of this process run the code that it holds."""
    global _trusted
    _trusted = True
    print_log(
        'Checkpoints are TRUSTED in this run (--trust-checkpoint): a file that holds '
        'code will execute it. Use this only for files whose origin you know.',
        logger='current',
        level=logging.WARNING,
    )


def load_checkpoint_file(
    path: str | os.PathLike, map_location: Any = 'cpu', name: str | None = None
) -> Any:
    """Read a checkpoint as plain data.

    Args:
        path: File on this machine; ``~`` is expanded.
        map_location: As in ``torch.load``; None means the CPU.
        name: What the messages call the file (a URL for example); default ``path``.

    Returns:
        What was saved, usually a dictionary with ``state_dict`` and ``meta``.

    Raises:
        FileNotFoundError: There is no such file.
        UntrustedCheckpointError: Reading it would need to run code.
        CheckpointError: It is truncated, or no checkpoint at all.
    """
    file = Path(path).expanduser()
    name = name or str(file)
    if not file.is_file():
        kind = 'is a folder' if file.is_dir() else 'does not exist'
        raise FileNotFoundError(
            f'checkpoint {name} {kind}: give the path of a .pth file'
        )
    return _load(file, map_location, name)


def install_safe_loading() -> None:
    """Make every loader of mmengine refuse what :func:`load_checkpoint_file` refuses.

    This covers ``load_from``, ``resume``, ``init_cfg`` and every URL scheme.
    """
    loader = upstream.CheckpointLoader
    for prefix, load in list(loader._schemes.items()):
        loader.register_scheme(prefixes=prefix, loader=_guarded(load), force=True)
    loader.register_scheme(prefixes='', loader=load_from_local, force=True)
    http = ['http://', 'https://']
    loader.register_scheme(prefixes=http, loader=load_from_http, force=True)
    # The other schemes (torchvision://, mmcls:// ...) call these two by name.
    upstream.load_from_http = load_from_http
    if hasattr(upstream, '_safe_torch_load'):
        upstream._safe_torch_load = _load_stream


def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Serve plain paths in mmengine's table of schemes."""
    return load_checkpoint_file(filename, map_location)


def load_from_http(
    filename: str,
    map_location: Any = None,
    model_dir: str | None = None,
    progress: bool = True,
) -> Any:
    """Serve ``http(s)://`` in mmengine's table: download once, then read safely."""
    file = cached_download(filename, model_dir, progress)
    return load_checkpoint_file(file, map_location, name=f'{file} (from {filename})')


def _load_stream(file: Any, map_location: Any = None, weights_only: Any = None) -> Any:
    """Stand in for mmengine's function; ``weights_only`` is not the caller's choice."""
    return _load(file, map_location, str(file))


def _load(file: Any, map_location: Any, name: str) -> Any:
    """``torch.load`` of a path or an open file, never falling back to code."""
    location = map_location or 'cpu'
    if _trusted:
        print_log(f'Reading {name} with code enabled', 'current', logging.WARNING)
        return torch.load(file, map_location=location, weights_only=False)
    try:
        with safe_globals():
            return torch.load(file, map_location=location, weights_only=True)
    except OSError as error:
        # torch looks for the end of an archive before the start of a short one
        if error.errno == errno.EINVAL:
            _refuse(file, name, error)
        raise
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # a damaged pickle fails in nearly any way
        _refuse(file, name, error)


def _guarded(load: Callable) -> Callable:
    """Forbid code in whatever ``torch.load`` another scheme's loader calls."""

    @functools.wraps(load)
    def guarded(filename: str, map_location: Any = None, **kwargs: Any) -> Any:
        if _trusted:
            return load(filename, map_location, **kwargs)
        before = os.environ.get('TORCH_FORCE_WEIGHTS_ONLY_LOAD')
        os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] = '1'
        try:
            with safe_globals():
                return load(filename, map_location, **kwargs)
        except pickle.UnpicklingError as error:
            _refuse(None, filename, error)
        finally:
            del os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD']
            if before is not None:
                os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] = before

    return guarded


def _refuse(file: Any, name: str, error: Exception) -> NoReturn:
    """Say in one sentence why a file was not read, and what to do about it."""
    reason = str(error)
    needs = re.search(r'GLOBAL (\S+) (?:was not|whose module)', reason)
    script = 'Cannot use ``weights_only=True``' in reason
    if needs or script or _is_pickle(file, error):
        what = 'objects beyond plain data'
        if needs:
            what = f'the Python object {needs[1]}'
        elif script:
            what = 'a reader for TorchScript or tar archives'
        raise UntrustedCheckpointError(
            f'checkpoint {name} needs {what}, which could run code while it is read: '
            'convert it once with a script of tools/model_converters/, or add '
            '--trust-checkpoint if you trust its origin.'
        ) from error
    if 'CUDA' in reason:
        raise error
    raise CheckpointError(
        f'checkpoint {name} cannot be read ({_damage(file)}): copy or download it '
        'again, or give another checkpoint, such as the previous one in its folder.'
    ) from error


def _is_pickle(file: Any, error: Exception) -> bool:
    """Tell a whole file that holds foreign objects from a damaged one."""
    if not isinstance(error, pickle.UnpicklingError):
        return False
    if isinstance(file, Path | str) and not zipfile.is_zipfile(file):
        # The older format is a bare pickle: it ends early when it was cut.
        text = str(error)
        return 'Can only' in text or 'unrecognized function' in text
    return True


def _damage(file: Any) -> str:
    if not isinstance(file, Path | str):
        return 'it is damaged'
    size = os.path.getsize(file)
    with open(file, 'rb') as stream:
        start = stream.read(2)
    if size == 0:
        return 'the file is empty'
    if start in (b'PK', b'\x80\x02'):
        return f'it is truncated or damaged after {size} bytes'
    return 'it is not a PyTorch checkpoint'
