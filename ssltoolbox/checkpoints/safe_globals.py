"""The names that a checkpoint may mention: none of them can run foreign code."""

import contextlib
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_STATISTICS = ('min', 'max', 'current', 'mean')
_KINDS = 'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 U1 S1'.split()


def statistic(owner: type, name: str) -> Callable:
    """Give one of the four statistics of ``HistoryBuffer``, and nothing else.

    Its pickles fetch them by ``getattr``; the real one would reach any object.

    Raises:
        pickle.UnpicklingError: Another attribute or owner was asked for.
    """
    if owner is not HistoryBuffer or name not in _STATISTICS:
        raise pickle.UnpicklingError(
            'Unsupported global: GLOBAL getattr was not an allowed global here'
        )
    return vars(HistoryBuffer)[name]


def no_bytes(*args: Any) -> bytes:
    """Give the empty bytes, which pickle asks ``bytes()`` for in an empty array.

    Raises:
        pickle.UnpicklingError: Anything else was asked for.
    """
    if args:
        raise pickle.UnpicklingError(
            'Unsupported global: GLOBAL bytes was not an allowed global here'
        )
    return b''


def _named(function: Callable, module: str, name: str) -> Callable:
    """Wrap ``function`` under the path by which a pickle asks for it."""

    def named(*args):
        return function(*args)

    named.__module__, named.__name__, named.__qualname__ = module, name, name
    return named


def _allowed() -> list:
    array = np.zeros(1)
    reconstruct: Any = array.__reduce__()[0]
    scalar: Any = array[0].__reduce__()[0]
    names = [
        HistoryBuffer,
        np.ndarray,
        np.dtype,
        _named(statistic, 'builtins', 'getattr'),
        _named(no_bytes, 'builtins', 'bytes'),
    ]
    # numpy 1 and 2 keep the two functions in modules of different names.
    for module in ('numpy.core.multiarray', 'numpy._core.multiarray'):
        names.append(_named(reconstruct, module, '_reconstruct'))
        names.append(_named(scalar, module, 'scalar'))
    return names + list({type(np.dtype(kind)) for kind in _KINDS})


_ALLOWED = _allowed()


@contextlib.contextmanager
def safe_globals() -> Iterator[None]:
    """Allow these names in ``torch.load(weights_only=True)`` for a while."""
    before = torch.serialization.get_safe_globals()
    torch.serialization.add_safe_globals(_ALLOWED)
    try:
        yield
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
