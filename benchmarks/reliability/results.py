"""Whether two runs ended with the same bits."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ssltoolbox.checkpoints.loading import load_checkpoint_file

_OF_A_RUN = ('checkpoint', 'dataset', 'folder', 'sha256', 'file', 'made_by')
"""Parts of names in JSON files that tell where and when, not what."""


def differences(one: Path, two: Path) -> list[str]:
    """Name what differs in the results of two finished runs; at best nothing.

    Weights and statistics of the last checkpoints, pseudo labels, masks and maps are
    compared bit by bit.
    """
    found = []
    stages = sorted(path.parent.name for path in one.glob('*/stage.json'))
    if stages != sorted(path.parent.name for path in two.glob('*/stage.json')):
        return ['the stages that were begun']
    for stage in stages:
        records = [
            json.loads((folder / stage / 'stage.json').read_text())
            for folder in (one, two)
        ]
        if {record['state'] for record in records} != {'done'}:
            found.append(f'{stage} is not done')
            continue
        first, second = (record['outputs'] for record in records)
        found += [f'{stage}: {text}' for text in _outputs(first, second)]
    return found


def _outputs(first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    if first.keys() != second.keys():
        yield 'other outputs'
        return
    for key, value in first.items():
        if isinstance(value, str) and value.endswith('.pth'):
            yield from _weights(Path(value), Path(second[key]), key)
        elif isinstance(value, str) and Path(value).is_dir():
            yield from _stores(Path(value), Path(second[key]))
        elif isinstance(value, (int, float)) and value != second[key]:
            yield f'{key} is {value} and {second[key]}'


def _weights(one: Path, two: Path, key: str) -> Iterator[str]:
    a, b = (load_checkpoint_file(str(path))['state_dict'] for path in (one, two))
    if a.keys() != b.keys():
        yield f'{key} has other weights'
        return
    other = [name for name in a if not torch.equal(a[name], b[name])]
    if other:
        yield f'{key}: {len(other)} of {len(a)} weights, first {other[0]}'


def _stores(one: Path, two: Path) -> Iterator[str]:
    names = [
        {path.relative_to(root) for path in root.rglob('*') if path.is_file()}
        for root in (one, two)
    ]
    if names[0] != names[1]:
        yield f'{one.name} has other files: {sorted(names[0] ^ names[1])[:3]}'
    for name in sorted(names[0] & names[1]):
        if not _same_file(one / name, two / name):
            yield f'{one.name}/{name}'


def _same_file(one: Path, two: Path) -> bool:
    if one.suffix == '.npz':
        with np.load(one) as a, np.load(two) as b:
            return a.files == b.files and all(
                np.array_equal(a[key], b[key], equal_nan=a[key].dtype.kind == 'f')
                for key in a.files
            )
    if one.suffix == '.json':
        return _what(json.loads(one.read_text())) == _what(json.loads(two.read_text()))
    return one.read_bytes() == two.read_bytes()


def _what(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _what(value)
            for key, value in node.items()
            if not any(part in key.lower() for part in _OF_A_RUN)
        }
    return [_what(each) for each in node] if isinstance(node, list) else node
