"""What the converters of other programs' checkpoints share.

A converter says which network the keys belong to and what becomes of each; everything
is then loaded strictly into the network that our config describes.
"""

import collections
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.exporting.export import write_checkpoint
from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.registry import MODELS
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.version import __version__

BACKBONE = re.compile(r'(conv|bn)[12]\.|layer[1-4]\.|transition[123]\.|stage[234]\.')
CLASSIFIER = re.compile(r'(incre_modules|downsamp_modules|final_layer|classifier|fc)\.')
LOWER_FUSION = re.compile(r'stage4\.2\.fuse_layers\.[123]\.')

Weights = dict[str, torch.Tensor]


class Row(NamedTuple):
    """What becomes of one key; ``target`` is None for a key that is dropped."""

    source: str
    target: str | None
    note: str = ''


class Converted(NamedTuple):
    """Weights in our naming, and how they came about."""

    architecture: str
    weights: Weights
    rows: list[Row]
    meta: dict[str, Any] = {}
    notes: tuple[str, ...] = ()


def read_weights(content: object) -> Weights:
    """Find the weights in another program's checkpoint, without ``module.``.

    Args:
        content: A state dict, or a dict with one under ``state_dict``.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(content, dict) and isinstance(content.get('state_dict'), dict):
        content = content['state_dict']
    if not isinstance(content, dict) or not content:
        raise ValueError(
            'the file holds no weights: expected a state dict, or a dict with one '
            f'under "state_dict", got {type(content).__name__}'
        )
    wrong = [k for k, v in content.items() if not isinstance(v, torch.Tensor)]
    if wrong:
        raise ValueError(
            f'the file holds no weights: {wrong[0]!r} is not a tensor. Give the '
            'checkpoint or the final state that the original program wrote'
        )
    return {key.removeprefix('module.'): value for key, value in content.items()}


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` file as plain data, nothing unpickled.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such file, or holds Python objects.
    """
    if not path.is_file():
        raise FileNotFoundError(f'{path} does not exist: give the path of an .npz file')
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f'{path} is no .npz file of plain arrays ({error}): save the variables by '
            'numpy.savez(path, **{name: array})'
        ) from error


def backbone_row(key: str, imagenet: bool) -> Row | None:
    """Map a key of an original ResNet or HRNet backbone; None if it is of a head.

    Args:
        key: Name of a weight.
        imagenet: The network is a classifier, whose head is dropped.
    """
    if imagenet and CLASSIFIER.match(key):
        return Row(key, None, 'classification head, no part of a pose network')
    if imagenet and LOWER_FUSION.match(key):
        return Row(key, None, 'fusion into lower resolutions, which no head reads')
    return Row(key, f'backbone.{key}') if BACKBONE.match(key) else None


def empty_network(config: Path, joints: int | None) -> nn.Module:
    """Build the network of a base config without memory for its weights.

    Args:
        config: File with ``student``.
        joints: Outputs of the network; None for a network without its head.
    """
    student = load_config(config).student
    student.backbone.init_cfg = None
    # without memory: random weights would take most of the time
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device('meta'):
        if joints is None:
            return nn.ModuleDict({'backbone': MODELS.build(student.backbone)})
        student.head.out_channels = joints
        return MODELS.build(student)


def check_by_loading(architecture: str, network: nn.Module, weights: Weights) -> None:
    """Load converted weights strictly.

    Raises:
        ValueError: A key is missing or left over, or a shape differs.
    """
    wanted = network.state_dict()
    problems = [
        f'{key}: expected {_shape(value)}, got {_shape(weights.get(key))}'
        for key, value in wanted.items()
        if _shape(value) != _shape(weights.get(key))
    ]
    problems += [f'{key}: not expected' for key in weights if key not in wanted]
    if problems:
        raise ValueError(
            f'the file is not of {architecture} as published, {len(problems)} keys do '
            'not fit: ' + '; '.join(problems[:3])
        )
    network.load_state_dict(weights, strict=True, assign=True)


def _shape(value: torch.Tensor | None) -> str:
    return 'nothing' if value is None else str(list(value.shape))


def report(converted: Converted, verbose: bool) -> str:
    """Tell what became of the keys, every one of them if ``verbose``."""
    dropped = collections.Counter(r.note for r in converted.rows if not r.target)
    lines = []
    if verbose:
        for row in converted.rows:
            note = f'  ({row.note})' if row.note else ''
            lines.append(f'{row.source} -> {row.target or "DROPPED"}{note}')
    lines.append(
        f'{converted.architecture}: {len(converted.rows)} keys read, '
        f'{len(converted.rows) - dropped.total()} mapped, {dropped.total()} dropped, '
        'loads strictly'
    )
    lines += [f'  dropped {count}: {why}' for why, count in dropped.items()]
    return '\n'.join([*lines, *converted.notes])


def convert_file(
    source: Path,
    target: Path,
    convert: Callable[[Any], Converted],
    verbose: bool = False,
    read: Callable[[Path], dict] = load_checkpoint_file,
) -> None:
    """Convert a checkpoint and print what became of it.

    Args:
        source: File of the original program.
        target: File to write.
        convert: Makes our weights of the file's content.
        verbose: Print every key.
        read: Reads the original's file.

    Raises:
        ValueError: The file cannot be converted.
    """
    content = read(source)
    try:
        converted = convert(content)
    except ValueError as error:
        raise ValueError(f'{source}: {error}.') from error
    meta = _provenance(source, content, converted.architecture) | converted.meta
    write_checkpoint({'meta': meta, 'state_dict': converted.weights}, target)
    print(report(converted, verbose))
    print(f'written: {target}')


def _provenance(path: Path, content: dict, architecture: str) -> dict[str, Any]:
    """Say where the weights come from, in plain types."""
    meta: dict[str, Any] = dict(
        source=path.name,
        source_sha256=file_sha256(path),
        architecture=architecture,
        ssltoolbox_version=__version__,
    )
    if 'epoch' in content and 'state_dict' in content:
        meta['epoch'] = int(content['epoch'])
        if content.get('perf') is not None:
            meta['perf'] = float(content['perf'])
    return meta
