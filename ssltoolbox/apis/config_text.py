"""Read the config text of a checkpoint without running it."""

import ast
from typing import Any

from mmengine.config import Config

_SIGNS = {ast.USub: lambda value: -value, ast.UAdd: lambda value: value}
_GROUPS = {ast.List: list, ast.Tuple: tuple, ast.Set: set}


def parse_config_text(text: str, origin: str) -> Config:
    """Read what ``Config.pretty_text`` wrote: plain values, assigned to names.

    ``Config.fromstring`` would execute the text, and a checkpoint may hold any.

    Args:
        text: Assignments of literals, lists, tuples and ``dict(...)``.
        origin: Where the text comes from, for the messages.

    Returns:
        The config.

    Raises:
        ValueError: The text holds something else.
    """
    try:
        content: dict[str, Any] = {}
        for statement in ast.parse(text).body:
            if not isinstance(statement, ast.Assign):
                raise ValueError(f'line {statement.lineno} is no assignment')
            (target,) = statement.targets
            if not isinstance(target, ast.Name):
                raise ValueError(f'line {statement.lineno} names no field')
            content[target.id] = _value(statement.value)
    except (AttributeError, SyntaxError, TypeError, ValueError) as error:
        raise ValueError(
            f'the config text of {origin} cannot be read as plain values ({error}): '
            'give the config file itself (--config)'
        ) from error
    return Config(content)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _GROUPS[type(node)](_value(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        keys = [_value(key) for key in node.keys]
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_value(node.operand))
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'dict':
        # keys that are no names are written as dict({...})
        if len(node.args) == 1 and isinstance(node.args[0], ast.Dict):
            if not node.keywords:
                return _value(node.args[0])
        elif not node.args and all(entry.arg for entry in node.keywords):
            return {entry.arg: _value(entry.value) for entry in node.keywords}
    raise ValueError(f'line {node.lineno} holds {ast.unparse(node)[:60]!r}')
