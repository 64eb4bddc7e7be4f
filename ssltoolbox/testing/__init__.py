"""What tests need: small data sets, tiny networks, and what must hold for a component.

The functions below say of a component of one's own what is wrong with it. They are
imported when they are asked for, so that drawing a toy data set needs no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .properties.configs import check_config
    from .properties.datasets import check_dataset
    from .properties.family import BrokenProperty
    from .properties.filters import check_filter
    from .properties.methods import check_method
    from .properties.tasks import check_task_adapter
    from .properties.views import check_view_transform
    from .tiny import TinyTask, tiny_task

__all__ = [
    'BrokenProperty',
    'TinyTask',
    'check_config',
    'check_dataset',
    'check_filter',
    'check_method',
    'check_task_adapter',
    'check_view_transform',
    'tiny_task',
]
_PLACES = {
    'BrokenProperty': 'properties.family',
    'TinyTask': 'tiny',
    'check_config': 'properties.configs',
    'check_dataset': 'properties.datasets',
    'check_filter': 'properties.filters',
    'check_method': 'properties.methods',
    'check_task_adapter': 'properties.tasks',
    'check_view_transform': 'properties.views',
    'tiny_task': 'tiny',
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_PLACES[name]}'), name)
