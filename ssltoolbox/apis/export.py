"""Write one network of a run as files that mmpose or mmseg uses by itself."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from ssltoolbox.apis import export_depth, export_pose, export_seg
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.apis.export_types import foreign_types
from ssltoolbox.apis.model import (
    has_frozen_teacher,
    has_peers,
    load_model,
    network_config,
)
from ssltoolbox.apis.network_kind import network_kind
from ssltoolbox.engine.checkpoint import load_checkpoint_file
from ssltoolbox.semi.network_names import ENSEMBLE, PREFIXES, Which, place_of
from ssltoolbox.utils.atomic import atomic_path, write_text
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.version import __version__

_LIBRARIES = dict(poses=export_pose, masks=export_seg, depth=export_depth)


@dataclass
class Exported:
    """What was written.

    Args:
        config: Path of the config.
        checkpoint: Path of the checkpoint.
        which: Name of the network.
        notes: What differs from the trained model, one line each.
    """

    config: Path
    checkpoint: Path
    which: str
    notes: list[str] = field(default_factory=list)


def export_model(
    checkpoint: str | Path,
    out: str | Path,
    which: Which = 'auto',
    config: str | Path | Config | None = None,
) -> Exported:
    """Write one network of a run as a config and checkpoint of mmpose or mmseg.

    The joint-specific head becomes an equal ``HeatmapHead``. What the library alone
    cannot build otherwise makes the config import this toolbox; ``notes`` says so.
    Depth networks always need it, and nothing else but mmengine.

    Args:
        checkpoint: File of a semi-supervised or a plain run.
        out: Folder to write to.
        which: ``'student'``, ``'teacher'``, ``'net1'``, ``'net2'``, or ``'auto'`` for
            the teacher if there is one, ``'net1'`` of two that teach each other.
        config: Config of the run; None takes the text in the checkpoint.

    Raises:
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: No config is known, or it is neither of a top-down pose network
            nor of a segmentor or a depth network.
        CheckpointError: The file lacks the network or does not fit the config.
    """
    checkpoint, out = Path(checkpoint), Path(out)
    content = load_checkpoint_file(checkpoint)
    if config is None:
        config = _stored_config(content, checkpoint)
    elif not isinstance(config, Config):
        config = load_config(config)
    notes: list[str] = []
    which = _choose(content, config, which, notes)
    model, config = load_model(config, checkpoint, which)
    network = network_config(config, place_of(which))
    library = _LIBRARIES[network_kind(network)]
    network, weights = library.plain_network(network, model.state_dict(), notes)
    result = library.plain_data(config, network, model.dataset_meta, notes)
    result.update(default_scope=library.SCOPE, model=network)
    foreign = ', '.join(sorted(set(foreign_types(network))))
    if foreign:
        result['custom_imports'] = dict(imports=['ssltoolbox.registry'])
        notes.append(f'{foreign} needs ssltoolbox: install it beside {library.SCOPE}')
    name = f'{checkpoint.stem}_{which}'
    exported = Exported(out / f'{name}.py', out / f'{name}.pth', which, notes)
    out.mkdir(parents=True, exist_ok=True)
    layout = library.plain_layout(model.dataset_meta)
    meta = _provenance(content, checkpoint, which, layout)
    write_checkpoint({'meta': meta, 'state_dict': weights}, exported.checkpoint)
    _write_config(result, exported, checkpoint.name)
    return exported


def write_checkpoint(content: dict[str, Any], path: str | Path) -> None:
    """Save weights and plain values, whole or not at all.

    Args:
        content: ``state_dict`` and ``meta``, of tensors and plain types only.
        path: File to write; its folder is made.
    """
    weights = {key: value.cpu() for key, value in content['state_dict'].items()}
    with atomic_path(path) as temporary:
        torch.save({**content, 'state_dict': weights}, temporary)


def _choose(content: Any, config: Config, which: Which, notes: list[str]) -> Which:
    if which == ENSEMBLE:
        raise ValueError('mmpose has no ensembles: export net1 and net2 one by one')
    if which != 'auto':
        return which
    state = content.get('state_dict', content)
    taught = any(key.startswith(PREFIXES['teacher']) for key in state)
    if taught and has_peers(config):
        notes.append('net1 of two equal networks; mmpose has no ensembles')
        return 'net1'
    return 'teacher' if taught and not has_frozen_teacher(config) else 'student'


def _stored_config(content: Any, checkpoint: Path) -> Config:
    text = (content.get('meta') or {}).get('cfg')
    if not text:
        raise ValueError(
            f'{checkpoint} holds no config: give the one of its run (--config)'
        )
    return parse_config_text(text, str(checkpoint))


def _provenance(
    content: Any, checkpoint: Path, which: str, layout: dict | None
) -> dict[str, Any]:
    meta: dict[str, Any] = dict(
        source=checkpoint.name,
        source_sha256=file_sha256(checkpoint),
        network=which,
        ssltoolbox_version=__version__,
    )
    if layout:
        meta['dataset_meta'] = layout
    old = content.get('meta') or {}
    return meta | {key: int(old[key]) for key in ('epoch', 'iter') if key in old}


def _write_config(config: dict, exported: Exported, source: str) -> None:
    needs = 'with ssltoolbox' if 'custom_imports' in config else 'alone'
    user = f'{config["default_scope"]} {needs}'
    lines = [f'# The {exported.which} of {source}, for {user}.']
    lines += [f'# - {note}' for note in exported.notes]
    text = Config(config).pretty_text
    write_text(exported.config, '\n'.join(lines) + '\n' + text)
