"""Compare a checkpoint with a model before its weights are loaded."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

_SHOWN = 3


@dataclass(frozen=True)
class Fit:
    """How the weights of a file and of a model differ.

    Attributes:
        missing: Names that the model has and the file lacks.
        unexpected: Names that the file has and the model lacks.
        reshaped: Names of both whose shapes differ, with the two shapes.
        matched: How many names fit.
    """

    missing: Sequence[str]
    unexpected: Sequence[str]
    reshaped: Sequence[str]
    matched: int

    def __bool__(self) -> bool:
        return not (self.missing or self.unexpected or self.reshaped)

    def __str__(self) -> str:
        parts = [
            _part(self.missing, 'missing from the file'),
            _part(self.unexpected, 'unknown to the model'),
            _part(self.reshaped, 'of another shape'),
        ]
        return f'{self.matched} weights fit, ' + ', '.join(filter(None, parts))


def compare(model: nn.Module, checkpoint: Mapping) -> Fit:
    """Tell which weights of ``checkpoint`` fit ``model``; neither is changed.

    Conversions that the model's own loading hooks do are taken into account.
    ``num_batches_tracked`` may be absent, as in mmengine.
    """
    state = checkpoint.get('state_dict', checkpoint)
    metadata = getattr(state, '_metadata', None) or {}
    found = {re.sub(r'^module\.', '', name): value for name, value in state.items()}
    for name, module in model.named_modules():
        prefix = f'{name}.' if name else ''
        for hook in module._load_state_dict_pre_hooks.values():
            hook(found, prefix, metadata.get(name, {}), True, [], [], [])
    wanted = model.state_dict()
    both = [name for name in wanted if name in found]
    reshaped = [
        f'{name}: {_shape(found[name])} in the file, {_shape(wanted[name])} here'
        for name in both
        if _shape(found[name]) != _shape(wanted[name])
    ]
    absent = [name for name in wanted if name not in found]
    return Fit(
        missing=[name for name in absent if 'num_batches_tracked' not in name],
        unexpected=[name for name in found if name not in wanted],
        reshaped=reshaped,
        matched=len(both) - len(reshaped),
    )


def _shape(value: object) -> tuple | str:
    return tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__


def _part(names: Sequence[str], what: str) -> str:
    if not names:
        return ''
    more = ', ...' if len(names) > _SHOWN else ''
    return f'{len(names)} {what} ({"; ".join(names[:_SHOWN])}{more})'
