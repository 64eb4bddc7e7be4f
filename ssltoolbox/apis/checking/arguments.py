"""Say which arguments of a config no constructor takes, without building anything."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.registry import Registry

from ssltoolbox.registry import DATASETS, TRANSFORMS

NUMBERS = {
    'train_cfg': ('max_epochs', 'max_iters', 'val_interval'),
    'train_dataloader': ('batch_size', 'num_workers'),
}
"""Fields that have to be whole numbers, where they are given."""


def dataset_problems(config: Any, where: str) -> list[str]:
    """Check a data set's config, its inner data sets and its transforms.

    Args:
        config: Config of a data set, which need not be here.
        where: Its place in the config, for messages.
    """
    if not isinstance(config, Mapping):
        return []
    problems = argument_problems(config, DATASETS, where)
    for name, source in dict(config.get('sources') or {}).items():
        problems += dataset_problems(source, f'{where}.sources.{name}')
    if 'dataset' in config:
        problems += dataset_problems(config['dataset'], f'{where}.dataset')
    pipeline = config.get('pipeline') or []
    each = pipeline.items() if isinstance(pipeline, Mapping) else [('', pipeline)]
    for name, steps in each:
        inside = f'{where}.pipeline.{name}'.rstrip('.')
        for number, step in enumerate(steps):
            problems += argument_problems(step, TRANSFORMS, f'{inside}.{number}')
    return problems


def argument_problems(config: Any, registry: Registry, where: str) -> list[str]:
    """Compare a component's config with the constructor of its type.

    Args:
        config: Config of the component.
        registry: Where its type is registered.
        where: Its place in the config, for messages.
    """
    if not isinstance(config, Mapping):
        return [f'{where}: expected dict(type=...), got {config!r}']
    if 'type' not in config:
        return [f'{where}: no type, only {", ".join(map(str, config)) or "nothing"}']
    kind = config['type']
    if isinstance(kind, str):
        # a look-up alone would not search the scope of the config
        with registry.switch_scope_and_registry(None) as scoped:
            found = scoped.get(kind)
        if found is None:
            return [f'{where}: there is no {registry.name} {kind!r}']
        kind = found
    given = set(config) - {'type', '_scope_'}
    problems = []
    for name, hint in unknown_arguments(kind, given).items():
        problems.append(f'{where}: {kind.__name__} takes no {name!r}{hint}')
    for name in sorted(_arguments(kind)[1] - given):
        problems.append(f'{where}: {kind.__name__} needs {name!r}')
    return problems


def unknown_arguments(kind: Any, given: Iterable[str]) -> dict[str, str]:
    """Say of each argument that a component does not take what it does.

    Args:
        kind: The class or function.
        given: Names of arguments.

    Returns:
        ``{name: how the sentence goes on}``: the nearest argument, or all of them.
    """
    known, _ = _arguments(kind)
    hints = {}
    for name in sorted(set(given) - known) if known is not None else ():
        near = difflib.get_close_matches(name, known, 1)
        takes = f'; it takes {", ".join(sorted(known)) or "none"}'
        hints[name] = f', did you mean {near[0]!r}?' if near else takes
    return hints


def number_problems(config: Mapping) -> list[str]:
    """Say which lengths and batch sizes of a training are no whole numbers.

    Args:
        config: Resolved config of a stage.
    """
    problems = []
    for part, fields in NUMBERS.items():
        for field in fields:
            value = (config.get(part) or {}).get(field)
            if value is not None and not isinstance(value, int):
                problems.append(
                    f'{part}.{field}: expected a whole number, got {value!r}'
                )
    return problems


def _arguments(kind: Any) -> tuple[set[str] | None, set[str]]:
    """Names a constructor takes (None: any), and those it needs.

    What ``**kwargs`` takes is what the next constructor of the base classes takes.
    """
    known: set[str] = set()
    required: set[str] = set()
    first = True
    for base in inspect.getmro(kind) if inspect.isclass(kind) else (kind,):
        if inspect.isclass(base) and '__init__' not in vars(base):
            continue
        function = base.__init__ if inspect.isclass(base) else base
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except ValueError:
            return None, required
        named = [
            p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        ]
        named = named[1:] if inspect.isclass(base) else named
        known |= {p.name for p in named}
        if first:
            required = {p.name for p in named if p.default is p.empty}
            first = False
        if not any(p.kind == p.VAR_KEYWORD for p in parameters):
            return known, required
    return None, required
