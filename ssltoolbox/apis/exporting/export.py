"""Write one network of a run as files that mmpose or mmseg uses by itself."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from ssltoolbox.apis.exporting import depth, pose, seg
from ssltoolbox.apis.exporting.foreign_types import foreign_types
from ssltoolbox.apis.exporting.source import PLAIN, open_source
from ssltoolbox.checkpoints.network_names import Which
from ssltoolbox.utils.atomic import atomic_path, write_text

_LIBRARIES = dict(poses=pose, masks=seg, depth=depth)


@dataclass
class Exported:
    """What was written.

    Args:
        config: Path of the config.
        checkpoint: Path of the checkpoint.
        which: Name of the network, ``'plain'`` of a run that has only one.
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
        which: As in :func:`~ssltoolbox.apis.exporting.source.open_source`.
        config: Config of the run; None takes the text in the checkpoint.

    Raises:
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: No config is known, or it is neither of a top-down pose network
            nor of a segmentor or a depth network.
        CheckpointError: The file lacks the network or does not fit the config.
    """
    source, out = open_source(checkpoint, which, config), Path(out)
    notes, layout = source.notes, source.model.dataset_meta
    library = _LIBRARIES[source.kind]
    network, weights = library.plain_network(
        source.network, source.model.state_dict(), notes
    )
    result = library.plain_data(source.config, network, layout, notes)
    result.update(default_scope=library.SCOPE, model=network)
    foreign = ', '.join(sorted(set(foreign_types(network))))
    if foreign:
        result['custom_imports'] = dict(imports=['ssltoolbox.registry'])
        notes.append(f'{foreign} needs ssltoolbox: install it beside {library.SCOPE}')
    stem = out / source.stem
    exported = Exported(Path(f'{stem}.py'), Path(f'{stem}.pth'), source.which, notes)
    plain_layout = library.plain_layout(layout)
    meta = source.meta | (dict(dataset_meta=plain_layout) if plain_layout else {})
    write_checkpoint({'meta': meta, 'state_dict': weights}, exported.checkpoint)
    _write_config(result, exported, source.checkpoint.name)
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


def network_title(which: str) -> str:
    """What to call the network in a sentence.

    >>> network_title('teacher'), network_title('plain')
    ('teacher', 'network')
    """
    return 'network' if which == PLAIN else which


def _write_config(config: dict, exported: Exported, source: str) -> None:
    needs = 'with ssltoolbox' if 'custom_imports' in config else 'alone'
    user = f'{config["default_scope"]} {needs}'
    lines = [f'# The {network_title(exported.which)} of {source}, for {user}.']
    lines += [f'# - {note}' for note in exported.notes]
    text = Config(config).pretty_text
    write_text(exported.config, '\n'.join(lines) + '\n' + text)
