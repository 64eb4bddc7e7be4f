"""Weights of one network, out of a checkpoint that may hold several."""

from pathlib import Path
from typing import Any

import torch
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.checkpoints.network_names import (
    CHOICES,
    PEERS,
    PREFIXES,
    Which,
    place_of,
)

MAX_NAMED = 3


def load_network_weights(
    network: nn.Module, checkpoint: str | Path, which: Which = 'auto'
) -> None:
    """Load one network of a checkpoint into a network of the same architecture.

    Args:
        network (nn.Module): The network to fill.
        checkpoint (str | Path): File or URL with ``student.*`` and ``teacher.model.*``
            weights, or with those of one plain network.
        which (str): ``'auto'`` takes the teacher if there is one; no ensemble.

    Raises:
        FileNotFoundError: If the checkpoint does not exist.
        CheckpointError: If it lacks the network or has another architecture.
    """
    state, _ = read_state(checkpoint)
    chosen = choose_network(state, which, checkpoint)
    load_strictly(network, part_of(state, chosen), checkpoint)


def checkpoint_meta(checkpoint: str | Path) -> dict[str, Any]:
    """Read what a checkpoint says about its training, such as ``dataset_meta``."""
    return read_state(checkpoint)[1]


def checkpoint_networks(checkpoint: str | Path) -> tuple[str, ...]:
    """Name the networks that a checkpoint holds.

    Args:
        checkpoint (str | Path): File or URL.

    Returns:
        tuple[str, ...]: Of ``'teacher'`` and ``'student'``; else ``('plain',)``.
    """
    return networks_in(read_state(checkpoint)[0])


def read_state(path: str | Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Read the weights and the meta data of a checkpoint."""
    content = CheckpointLoader.load_checkpoint(str(path), 'cpu', logger='silent')
    state = content.get('state_dict', content) if isinstance(content, dict) else None
    if not state or not all(isinstance(v, torch.Tensor) for v in state.values()):
        raise CheckpointError(
            f'{path}: no network weights in it; expected "state_dict" with tensors'
        )
    state = {key.removeprefix('module.'): value for key, value in state.items()}
    return state, content.get('meta') or {}


def networks_in(state: dict[str, torch.Tensor]) -> tuple[str, ...]:
    """Name the networks whose weights there are; ``('plain',)`` without prefix."""
    found = (
        n for n, prefix in PREFIXES.items() if any(k.startswith(prefix) for k in state)
    )
    return tuple(found) or ('plain',)


def choose_network(state: dict, which: Which, path: str | Path) -> str:
    """Name the network to load: 'teacher', 'student' or 'plain'."""
    if which not in ('auto', *PREFIXES, *PEERS):
        known = ', '.join(CHOICES)
        raise ValueError(f"which must be 'auto' or one of {known}, got {which!r}")
    present, place = networks_in(state), place_of(which)
    if which == 'auto':
        return present[0]
    if place in present:
        return place
    if place == 'student' and present == ('plain',):
        return 'plain'
    names = {place_of(name): name for name in PEERS} if which in PEERS else {}
    raise CheckpointError(
        f'{path}: no {which} in this checkpoint, it holds: '
        f"{', '.join(names.get(n, n) for n in present)}; choose that one or 'auto'"
    )


def part_of(state: dict, which: str) -> dict[str, torch.Tensor]:
    """Give the weights of one network, by their names in it."""
    prefix = PREFIXES.get(which, '')
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def load_strictly(network: nn.Module, state: dict, path: str | Path) -> None:
    """Fill a network; what does not fit is an error that names the file."""
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        reason = _difference(network.state_dict(), state) or str(error)
        raise CheckpointError(
            f'{path} does not fit the network of the config: {reason}. Give the '
            'config with which this checkpoint was trained, and if it has stages, '
            'its stage (--stage NAME).'
        ) from None


def _difference(wanted: dict, given: dict) -> str:
    """Say how two sets of weights differ: counts and the first few names."""
    lists = {
        'missing in the file': [key for key in wanted if key not in given],
        'unknown to the network': [key for key in given if key not in wanted],
        'of another shape': [
            f'{key} {tuple(given[key].shape)} instead of {tuple(wanted[key].shape)}'
            for key in wanted
            if key in given and given[key].shape != wanted[key].shape
        ],
    }
    reasons = []
    for what, keys in lists.items():
        if keys:
            first = ', '.join(keys[:MAX_NAMED] + ['...'] * (len(keys) > MAX_NAMED))
            reasons.append(f'{len(keys)} weights are {what} ({first})')
    return '; '.join(reasons)
