"""The components of this package, found by the registries, and how they are built."""

import ast
import inspect
from functools import cache
from pathlib import Path

from ssltoolbox.apis.checking.arguments import argument_problems
from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.data_files import resolved_stages

ROOT = Path(__file__).parents[2]


def registered(registry, folder):
    """Classes of a folder of the package, by their names."""
    registry.import_from_location()
    place = f'ssltoolbox.{folder}'
    return {
        name: kind
        for name, kind in sorted(registry.module_dict.items())
        if kind.__module__.startswith(place)
    }


def buildable(kind, registry, **fields):
    """Whether a class needs no other arguments."""
    return not argument_problems(dict(type=kind, **fields), registry, '')


@cache
def toy_models():
    """Models of the toy configs of all systems, by the name of their method."""
    found = {}
    for path in sorted(ROOT.glob('configs/*/*_toy*.py')):
        if path.stem.endswith('supervised'):
            continue
        for stage in resolved_stages(read_config(path)).values():
            model = stage.get('model') or {}
            if 'method' in model:
                found.setdefault(model['method']['type'].split('.')[-1], model)
    return found


def checked_nearby(kind, function):
    """Whether a test file in the folder of a class's own names it and calls a function.

    The folder is that of its file, below ``tests``.
    """
    source = Path(inspect.getfile(kind)).relative_to(ROOT / 'ssltoolbox')
    for test in (ROOT / 'tests' / source.parent).rglob('test_*.py'):
        names = {
            getattr(node, 'id', getattr(node, 'value', None))
            for node in ast.walk(ast.parse(test.read_text()))
            if isinstance(node, (ast.Name, ast.Constant))
        }
        if function in names and names & {kind.__name__, f'ssltoolbox.{kind.__name__}'}:
            return True
    return False
