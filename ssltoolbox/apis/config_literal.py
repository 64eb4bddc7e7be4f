"""Write plain values as they stand in config files."""

from typing import Any

WIDTH = 88


def reference(name: str) -> str:
    """Write a late reference to a key."""
    return f'${{{name}}}'


def literal(value: Any, indent: str = '') -> str:
    """Write plain values as they stand in the config files.

    >>> literal(dict(type='ssltoolbox.ViewSet', views=['flip_lr']))
    "dict(type='ssltoolbox.ViewSet', views=['flip_lr'])"
    """
    short = _short(value)
    if not value or len(indent) + len(short) < WIDTH - 20:
        return short
    inner = indent + '    '
    if isinstance(value, dict):
        items = [f'{k}={literal(v, inner)}' for k, v in value.items()]
        begin, end = 'dict(', ')'
    elif isinstance(value, list | tuple):
        items = [literal(v, inner) for v in value]
        begin, end = '[]' if isinstance(value, list) else '()'
    else:
        return short
    rows = ''.join(f'{inner}{item},\n' for item in items)
    return f'{begin}\n{rows}{indent}{end}'


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f'dict({", ".join(f"{k}={_short(v)}" for k, v in value.items())})'
    if isinstance(value, list):
        return f'[{", ".join(map(_short, value))}]'
    return repr(value)
