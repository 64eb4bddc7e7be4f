"""Find the data that a config needs, and say what is absent before anything runs."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.config import resolve, stage_config, stage_names
from ssltoolbox.registry import DATASETS

HINT = 'Check data_root, or set it with --cfg-options data_root=FOLDER.'


def require_data(cfg: Config) -> None:
    """Refuse a config whose data are not here.

    Args:
        cfg: A config as it was read, with or without stages.

    Raises:
        FileNotFoundError: A data root is absent; the message says how to get it.
    """
    for stage in resolved_stages(cfg).values():
        for problem in absent_roots(stage):
            raise FileNotFoundError(problem)


def resolved_stages(cfg: Config) -> dict[str, Config]:
    """Resolve each stage as if none had run; without stages, all as ``'train'``."""
    names = stage_names(cfg)
    if not names:
        return {'train': resolve(cfg)}
    nothing = {name: {} for name in names}
    return {name: stage_config(cfg, name, nothing) for name in names}


def absent_roots(cfg: Config) -> list[str]:
    """Say of each data root that does not exist how to get it, once per root."""
    found = {}
    for dataset in datasets_of(cfg._cfg_dict):
        root = dataset.get('data_root')
        if root and '://' not in root and not Path(root).is_dir():
            if module := generator_of(root):
                hint = (
                    f'Draw it by `python -m {module} --out {root}`, '
                    'or set data_root by --cfg-options data_root=FOLDER.'
                )
            else:
                hint = getattr(dataset_class(dataset), 'HINT', HINT)
            found.setdefault(
                root, f'data root {Path(root).absolute()} does not exist. {hint}'
            )
    return list(found.values())


def generator_of(root: str | Path) -> str | None:
    """Name the module that draws the data of a folder such as ``data/toy_polyps``."""
    name = Path(root).name
    module = f'ssltoolbox.testing.{name}'
    drawn = name.startswith('toy_') and name.isidentifier()
    return module if drawn and find_spec(module) else None


def datasets_of(node: Any) -> Iterator[Mapping[str, Any]]:
    """Walk over the configs of all data sets that read files, at any depth."""
    if isinstance(node, Mapping):
        if 'type' in node and ('data_root' in node or 'ann_file' in node):
            if dataset_class(node) is not None:
                yield node
        for value in node.values():
            yield from datasets_of(value)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            yield from datasets_of(value)


def dataset_class(config: Mapping) -> type | None:
    """Look up the class of a data set's config; None if there is no such type."""
    kind = config['type']
    if not isinstance(kind, str):
        return kind
    # a look-up alone would not search the scope of the config
    with DATASETS.switch_scope_and_registry(None) as registry:
        return registry.get(kind)
