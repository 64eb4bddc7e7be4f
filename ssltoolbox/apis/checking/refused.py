"""Name the argument of a config that a constructor refused, and what it does take."""

import re
from typing import Any

from ssltoolbox.apis.checking.arguments import unknown_arguments

REGISTRY = 'mmengine.registry.build_functions'
_REFUSED = re.compile(r"unexpected keyword argument '(\w+)'")


def refused_argument(error: BaseException) -> str | None:
    """Explain an error of a registry that built a component.

    The component may have handed the argument on to a base class, which refused it.

    Args:
        error: As it was caught, with its traceback.

    Returns:
        One sentence without full stop; None if the error is of something else.
    """
    refused = _REFUSED.search(str(error))
    if not refused or not isinstance(error, TypeError):
        return None
    for kind, given in reversed(_built(error)):
        for name, hint in unknown_arguments(kind, given).items():
            if name == refused[1]:
                return f'{kind.__name__} takes no {name!r}{hint}'
    return None


def _built(error: BaseException) -> list[tuple[Any, dict]]:
    """Component and arguments of each call of a registry on the way to an error."""
    found, trace = [], error.__traceback__
    while trace:
        if trace.tb_frame.f_globals.get('__name__') == REGISTRY:
            values = trace.tb_frame.f_locals
            if {'obj_cls', 'args'} <= values.keys():
                found.append((values['obj_cls'], values['args']))
        trace = trace.tb_next
    return found
