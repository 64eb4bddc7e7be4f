"""The network that is to be exported, out of the checkpoint of a run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config
from torch import nn

from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.apis.model import (
    has_frozen_teacher,
    has_peers,
    load_model,
    network_config,
)
from ssltoolbox.apis.network_kind import Kind, network_kind
from ssltoolbox.apis.stage_of import load_config_of
from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.checkpoints.network_names import ENSEMBLE, PREFIXES, Which, place_of
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.version import __version__

PLAIN = 'plain'
"""Name of the one network of a run that trained no other beside it."""


@dataclass(frozen=True)
class ExportSource:
    """A trained network and all that is known of it.

    Attributes:
        checkpoint: File that it came from.
        which: Its name: ``'student'``, ``'teacher'``, ``'net1'``, ``'net2'``, or
            ``'plain'``.
        model: The network, with its weights, in eval mode.
        config: Config of the run.
        network: Config of the network.
        meta: Where it comes from, in plain types.
        notes: What differs from the trained model, one line each.
    """

    checkpoint: Path
    which: str
    model: nn.Module
    config: Config
    network: dict[str, Any]
    meta: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """What it finds."""
        return network_kind(self.network)

    @property
    def stem(self) -> str:
        """Name of the exported files, without suffix."""
        return f'{self.checkpoint.stem}_{self.which}'


def open_source(
    checkpoint: str | Path,
    which: Which = 'auto',
    config: str | Path | Config | None = None,
) -> ExportSource:
    """Load the network that is to be exported.

    Args:
        checkpoint: File of a semi-supervised or a plain run.
        which: ``'student'``, ``'teacher'``, ``'net1'``, ``'net2'``, or ``'auto'`` for
            the teacher if there is one, ``'net1'`` of two that teach each other.
        config: Config of the run; None takes the text in the checkpoint.

    Raises:
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: No config is known.
        CheckpointError: The file lacks the network or does not fit the config.
    """
    checkpoint = Path(checkpoint)
    content = load_checkpoint_file(checkpoint)
    if config is None:
        config = _stored_config(content, checkpoint)
    elif not isinstance(config, Config):
        config = load_config_of(config, checkpoint)
    notes: list[str] = []
    which = _choose(content, config, which, notes)
    model, config = load_model(config, checkpoint, which)
    name = which if _has(content, *PREFIXES.values()) else PLAIN
    network = network_config(config, place_of(which))
    meta = _provenance(content, checkpoint, name)
    return ExportSource(checkpoint, name, model, config, network, meta, notes)


def _choose(content: Any, config: Config, which: Which, notes: list[str]) -> Which:
    if which == ENSEMBLE:
        raise ValueError(
            'an ensemble cannot be exported as one: export net1 and net2 one by one'
        )
    if which != 'auto':
        return which
    taught = _has(content, PREFIXES['teacher'])
    if taught and has_peers(config):
        notes.append('net1 of two equal networks, whose ensemble is not exported')
        return 'net1'
    return 'teacher' if taught and not has_frozen_teacher(config) else 'student'


def _has(content: Any, *prefixes: str) -> bool:
    """Whether a checkpoint has weights below one of the prefixes."""
    state = content.get('state_dict', content)
    return any(key.removeprefix('module.').startswith(prefixes) for key in state)


def _stored_config(content: Any, checkpoint: Path) -> Config:
    text = (content.get('meta') or {}).get('cfg')
    if not text:
        raise ValueError(
            f'{checkpoint} holds no config: give the one of its run (--config)'
        )
    return parse_config_text(text, str(checkpoint))


def _provenance(content: Any, checkpoint: Path, which: str) -> dict[str, Any]:
    meta: dict[str, Any] = dict(
        source=checkpoint.name,
        source_sha256=file_sha256(checkpoint),
        network=which,
        ssltoolbox_version=__version__,
    )
    old = content.get('meta') or {}
    return meta | {key: int(old[key]) for key in ('epoch', 'iter') if key in old}
