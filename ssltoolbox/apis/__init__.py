"""What a program or a notebook imports: ``from ssltoolbox.apis import distill``."""

from importlib import import_module
from typing import Any

_HOMES = {
    'DepthInferencer': 'inference.depth_inferencer',
    'PoseInferencer': 'inference.pose_inferencer',
    'SegInferencer': 'inference.seg_inferencer',
    'distill': 'distillation.distill',
}


def __getattr__(name: str) -> Any:
    """Import a function or class when it is asked for: most need torch."""
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_HOMES[name]}'), name)
