"""Read arrays out of a pickle without executing it.

A pickle is a program. Here it runs with inert stand-ins in place of numpy's
functions, which only note what was asked for; every other name is refused. The
arrays are then made from the notes, by checked calls.
"""

import io
import pickle
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class _Array:
    """Note of an array: shape, dtype and content, as they came."""

    __slots__ = ('state',)

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _DType:
    """Note of a dtype: its code and its byte order."""

    __slots__ = ('code', 'order')

    def __init__(self, code: Any, *_: Any) -> None:
        self.code, self.order = code, '='

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]


class _Reconstruct:
    """Stand-in for numpy's function that makes an empty array to be filled."""

    __slots__ = ()

    def __call__(self, *_: Any) -> _Array:
        return _Array()


class _Encode:
    """Stand-in for codecs.encode, by which old protocols write bytes."""

    __slots__ = ()

    def __call__(self, text: str, encoding: str) -> bytes:
        if not isinstance(text, str) or encoding not in ('latin1', 'latin-1'):
            raise pickle.UnpicklingError('it encodes text otherwise than bytes are')
        return text.encode('latin-1')


_STAND_INS = {
    ('numpy.core.multiarray', '_reconstruct'): _Reconstruct(),
    ('numpy._core.multiarray', '_reconstruct'): _Reconstruct(),
    ('numpy', 'ndarray'): _Array,
    ('numpy', 'dtype'): _DType,
    ('_codecs', 'encode'): _Encode(),
}


# The Python version of the reader: that in C reserves memory as a file demands it.
class _Reader(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f'it asks for {module}.{name}') from None


def read_pickled_arrays(
    path: str | Path, shape: tuple[int, ...]
) -> dict[int, np.ndarray]:
    """Read a ``.npy`` file that holds a pickled ``{int: float32 array}``.

    Args:
        path: The file.
        shape: Shape of every array.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds anything else; nothing of it was executed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'pickled arrays {path} do not exist')
    try:
        return _read(path.read_bytes(), shape)
    # whatever a damaged or hostile file leads to is one answer: it is refused
    except Exception as error:
        raise ValueError(
            f'{path} is refused, nothing of it was executed: expected a .npy file with '
            f'a pickled dictionary of integers and float32 arrays {shape}; '
            f'{type(error).__name__}: {error}'
        ) from None


def _read(content: bytes, shape: tuple[int, ...]) -> dict[int, np.ndarray]:
    file = io.BytesIO(content)
    read_header = _HEADERS[np.lib.format.read_magic(file)]
    outer_shape, _, dtype = read_header(file)
    if outer_shape != () or dtype.kind != 'O':
        raise ValueError(f'it is an array {outer_shape} of {dtype}, no pickled object')
    outer = _Reader(file).load()
    if not isinstance(outer, _Array):
        raise ValueError(f'it holds a {type(outer).__name__}')
    _, inner_shape, dtype, _, values = outer.state
    if inner_shape != () or dtype.code not in ('O', 'O8') or type(values) is not list:
        raise ValueError('it is no single object')
    (labels,) = values
    if type(labels) is not dict:
        raise ValueError(f'it holds a {type(labels).__name__}, no dictionary')
    return {_key(key): _array(value, shape) for key, value in labels.items()}


def _key(key: Any) -> int:
    if type(key) is not int:
        raise ValueError(f'its key {key!r} is no integer')
    return key


def _array(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    if not isinstance(value, _Array):
        raise ValueError(f'an entry is a {type(value).__name__}, no array')
    _, found, dtype, fortran, content = value.state
    if dtype.code != 'f4' or dtype.order not in ('<', '>', '=') or found != shape:
        raise ValueError(f'an entry is {dtype.order}{dtype.code} {found}')
    if type(content) is not bytes or len(content) != 4 * prod(shape):
        raise ValueError('an entry has not the content of its shape')
    order = '<' if dtype.order == '=' else dtype.order
    flat = np.frombuffer(content, np.dtype(f'{order}f4')).astype(np.float32)
    return flat.reshape(shape, order='F' if fortran else 'C')
