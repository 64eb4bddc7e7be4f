"""The components of this package, found by the registries, and how they are built."""

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace

from ssltoolbox.apis.check_arguments import argument_problems
from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.registry import DATASETS, TASK_UTILS

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


def buildable(kind, registry):
    """Whether a class needs no argument."""
    return not argument_problems(dict(type=kind), registry, '')


def trained_methods():
    """Model configs of the toys of all systems, by the name of their method."""
    found = {}
    for path in sorted(ROOT.glob('configs/*/*_toy*.py')):
        for stage in resolved_stages(read_config(path)).values():
            model = stage.get('model') or {}
            if 'method' in model:
                found.setdefault(model['method']['type'].split('.')[-1], model)
    return found


def calls_in_own_test(kind, function):
    """Whether the test file of a class calls a function."""
    source = Path(inspect.getfile(kind)).relative_to(ROOT / 'ssltoolbox')
    test = ROOT / 'tests' / source.parent / f'test_{source.name}'
    if not test.is_file():
        return False
    nodes = ast.walk(ast.parse(test.read_text()))
    calls = (node.func for node in nodes if isinstance(node, ast.Call))
    return any(getattr(func, 'id', None) == function for func in calls)
