"""Find, without a GPU, where a step would make the host wait for the device."""

import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

MAKERS = (torch.tensor, torch.as_tensor, torch.asarray, Tensor.new_tensor)
INDEXING = (Tensor.__getitem__, Tensor.__setitem__)


ADVICE = (
    'use tensor operations alone: no .item(), .cpu(), .numpy(), bool(tensor) or if; '
    'numbers of the host get there by ssltoolbox.utils.on_device'
)


class HostWaits(TorchFunctionMode):
    """Note what would wait for a GPU, while tensors without values are computed with.

    A tensor of the device ``'meta'`` stands for one on the GPU. What reads a value of
    it, such as ``item`` or a mask as an index, fails by itself. What this notes are
    copies from the host that wait until all earlier work of the GPU is done:
    ``.to(device)`` without ``non_blocking=True``, ``torch.tensor(x, device=device)``,
    ``x[i] = 1``, and a list, an array or a tensor of the host as an index.

    ``found`` counts them by the lines of code that they come from, the calling first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def __torch_function__(
        self,
        func: Callable,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function, and note it if it waits."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if self._waits(func, args, kwargs, result):
            self.found[_place()] += 1
        return result

    def told(self) -> str | None:
        """Say where the host waits, or None where it does not."""
        if not self.found:
            return None
        place, count = self.found.most_common(1)[0]
        return f'the host waits at {place} ({count} of {self.found.total()} times)'

    @staticmethod
    def _waits(func: Callable, args: Sequence, kwargs: Mapping, result: Any) -> bool:
        if func in INDEXING:
            parts = args[1] if isinstance(args[1], tuple) else (args[1],)
            number = func is Tensor.__setitem__ and isinstance(args[2], int | float)
            return args[0].is_meta and (number or any(map(_of_host, parts)))
        moved = isinstance(result, Tensor) and result.is_meta
        if func in MAKERS:
            given = args[1] if func is Tensor.new_tensor else args[0]
            return moved and not (isinstance(given, Tensor) and given.is_meta)
        if func is Tensor.copy_:
            blocking = not (kwargs.get('non_blocking') or (len(args) > 2 and args[2]))
            return moved and blocking and _of_host(args[1])
        if func is not Tensor.to or kwargs.get('non_blocking'):
            return False
        return moved and not args[0].is_meta and not any(a is True for a in args[1:])


def _of_host(part: Any) -> bool:
    """Whether an index or a source has its values in the memory of the host."""
    if isinstance(part, Tensor):
        return not part.is_meta
    return isinstance(part, list | np.ndarray)


def _place() -> str:
    frames = [
        frame
        for frame in traceback.extract_stack()[:-2]
        if '/torch/' not in frame.filename
    ]
    return ' > '.join(
        f'{f.filename.rsplit("/", 1)[-1]}:{f.lineno}' for f in frames[-3:]
    )
