"""Keep a checkpoint loadable as plain data, whatever hooks and data sets put in it."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer, print_log

_TEXT_AND_NUMBERS: tuple[Any, ...] = (bool, str, bytes, int, float, complex)
_PLAIN = (
    torch.Tensor,
    torch.Size,
    torch.dtype,
    torch.device,
    np.generic,
    HistoryBuffer,
)
_SEQUENCES: dict[Any, Callable] = {list: list, tuple: tuple, set: set, frozenset: set}


def make_plain(checkpoint: dict) -> None:
    """Convert or drop, in place, what a safe reader would refuse; ``state_dict`` stays.

    Paths become text, configuration dictionaries become dictionaries. Anything that
    has no plain form is dropped with a warning, since keeping it would make the
    whole file unreadable without ``--trust-checkpoint``.
    """
    dropped: list[str] = []
    for key in checkpoint:
        if key != 'state_dict':
            checkpoint[key] = _plain(checkpoint[key], key, dropped)
    if dropped:
        print_log(
            f'not saved in the checkpoint, as they are no plain data: {dropped}',
            logger='current',
            level=logging.WARNING,
        )


def _plain(value: Any, name: str, dropped: list[str]) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.kind in 'biufcSU':
            return np.asarray(value)
        value = value.tolist()
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, PurePath):
        return str(value)
    for kind in _TEXT_AND_NUMBERS:
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        pairs = [
            (
                _plain(key, f'{name} keys', dropped),
                _plain(item, f'{name}.{key}', dropped),
            )
            for key, item in value.items()
        ]
        return OrderedDict(pairs) if isinstance(value, OrderedDict) else dict(pairs)
    for sequence, plain in _SEQUENCES.items():
        if isinstance(value, sequence):
            return plain(_plain(item, f'{name}[]', dropped) for item in value)
    dropped.append(name)
    return None
