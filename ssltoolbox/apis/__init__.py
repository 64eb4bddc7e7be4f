"""What a program or a notebook imports: ``from ssltoolbox.apis import distill``."""

from importlib import import_module
from typing import Any

_HOMES = {
    'DepthInferencer': 'depth_inferencer',
    'PoseInferencer': 'inferencer',
    'SegInferencer': 'seg_inferencer',
    'distill': 'distillation',
}


def __getattr__(name: str) -> Any:
    """Import a function or class when it is asked for: most need torch."""
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_HOMES[name]}'), name)
