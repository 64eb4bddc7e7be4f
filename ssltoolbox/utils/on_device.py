"""Bring numbers of the host to a device."""

from collections.abc import Sequence

import torch
from torch import Tensor


def on_device(
    numbers: Sequence[float], like: Tensor, dtype: torch.dtype | None = None
) -> Tensor:
    """Make a tensor (N,) on the device of another one, in its type by default.

    ``like.new_tensor(numbers)`` would let the host wait for all earlier work of a GPU.

    >>> on_device([3, 4], torch.zeros(1, dtype=torch.double)).tolist()
    [3.0, 4.0]
    """
    made = torch.tensor(numbers, dtype=dtype or like.dtype)
    return made.to(like.device, non_blocking=True)
