"""Types in configs: whose they are, and which an upstream library has."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.exporting.mmpose_data import is_ours


def as_plain(value: Any) -> Any:
    """Turn mmengine's dictionaries into plain ones, all the way down."""
    return Config(dict(value=value)).to_dict()['value']


def foreign_types(value: Any) -> Iterator[str]:
    """Name the types below ``value`` that only this toolbox has."""
    if isinstance(value, dict):
        kind = value.get('type')
        if kind is not None and is_ours(kind):
            yield str(kind)
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from foreign_types(item)


def without_scope(value: Any, scope: str) -> Any:
    """Write types below ``value`` as they are written in a scope.

    >>> without_scope([dict(type='mmseg.FCNHead')], 'mmseg')
    [{'type': 'FCNHead'}]
    """
    if isinstance(value, dict):
        value = {key: without_scope(each, scope) for key, each in value.items()}
        if isinstance(value.get('type'), str):
            value['type'] = value['type'].removeprefix(f'{scope}.')
        return value
    if isinstance(value, (list, tuple)):
        return type(value)(without_scope(each, scope) for each in value)
    return value
