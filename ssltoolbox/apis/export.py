"""Write one network of a run as files that mmpose uses without this toolbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.apis.mmpose_data import (
    default_pipeline,
    is_ours,
    plain_dataset,
    raw_layout,
    to_plain,
)
from ssltoolbox.apis.model import has_peers, load_model, network_config
from ssltoolbox.apis.plain_head import as_plain_head
from ssltoolbox.engine.checkpoint import load_checkpoint_file
from ssltoolbox.semi.network_names import ENSEMBLE, PREFIXES, Which, place_of
from ssltoolbox.utils.atomic import atomic_path, write_text
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.version import __version__

HEAD = 'ssltoolbox.JointSpecificHead'
PLAIN_LOSS = dict(type='KeypointMSELoss', use_target_weight=True)


@dataclass
class Exported:
    """What was written.

    Args:
        config: Path of the mmpose config.
        checkpoint: Path of the mmpose checkpoint.
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
    """Write one network of a run as an mmpose config and checkpoint.

    The joint-specific head becomes an equal ``HeatmapHead``. What mmpose alone cannot
    build otherwise makes the config import this toolbox; ``notes`` says so.

    Args:
        checkpoint: File of a semi-supervised or a plain run.
        out: Folder to write to.
        which: ``'student'``, ``'teacher'``, ``'net1'``, ``'net2'``, or ``'auto'`` for
            the teacher if there is one, ``'net1'`` of two that teach each other.
        config: Config of the run; None takes the text in the checkpoint.

    Raises:
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: No config is known, or it is not of a top-down pose network.
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
    network, weights = _plain_network(
        network_config(config, place_of(which)), model.state_dict(), notes
    )
    layout = model.dataset_meta
    result = _data(config, network, layout, notes)
    result.update(default_scope='mmpose', model=network)
    foreign = sorted(set(_foreign_types(network)))
    if foreign:
        result['custom_imports'] = dict(imports=['ssltoolbox.registry'])
        notes.append(f'{", ".join(foreign)} needs ssltoolbox: install it beside mmpose')
    name = f'{checkpoint.stem}_{which}'
    exported = Exported(out / f'{name}.py', out / f'{name}.pth', which, notes)
    out.mkdir(parents=True, exist_ok=True)
    meta = _provenance(content, checkpoint, which, layout)
    write_checkpoint({'meta': meta, 'state_dict': weights}, exported.checkpoint)
    _write_config(result, exported, checkpoint)
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
    return 'teacher' if taught else 'student'


def _stored_config(content: Any, checkpoint: Path) -> Config:
    text = (content.get('meta') or {}).get('cfg')
    if not text:
        raise ValueError(
            f'{checkpoint} holds no config: give the one of its run (--config)'
        )
    return parse_config_text(text, str(checkpoint))


def _plain_network(network: dict, weights: dict, notes: list[str]) -> tuple[dict, dict]:
    """Drop what belongs to training, and replace the head that mmpose lacks."""
    if 'head' not in network or network['head'].get('decoder') is None:
        raise ValueError(
            'only top-down heatmap networks can be exported for mmpose, this one has '
            'no head with a decoder'
        )
    network = {k: v for k, v in network.items() if k not in ('init_cfg', 'train_cfg')}
    network['backbone'] = {**network['backbone'], 'init_cfg': None}
    if is_ours(network['head'].get('loss', {}).get('type', '')):
        network['head'] = {**network['head'], 'loss': PLAIN_LOSS}
        notes.append("the training loss became mmpose's; predictions do not use it")
    if network['head']['type'] == HEAD:
        head = {k[5:]: v for k, v in weights.items() if k.startswith('head.')}
        network['head'], head = as_plain_head(network['head'], head)
        weights = {k: v for k, v in weights.items() if not k.startswith('head.')}
        weights |= {f'head.{key}': value for key, value in head.items()}
        notes.append(
            'the joint-specific head became an equal HeatmapHead with many zeros: it '
            'predicts the same and is slower; train further with the original'
        )
    return network, weights


def _data(
    config: Config, network: dict, layout: dict | None, notes: list[str]
) -> dict[str, Any]:
    """Keep how test images are read, in mmpose's types."""
    raw = raw_layout(layout)
    if raw is None:
        notes.append('no layout of the joints is known: mmpose will assume COCO')
    loader = config.get('test_dataloader') or config.get('val_dataloader')
    if loader:
        loader = loader.to_dict()
        loader.pop('collate_fn', None)
        loader['dataset'] = plain_dataset(loader['dataset'], raw, notes)
        if is_ours(loader.get('sampler', {}).get('type', '')):
            loader['sampler'] = dict(type='DefaultSampler', shuffle=False)
    else:
        loader = dict(batch_size=1, dataset=dict(type='BaseCocoStyleDataset'))
        loader['dataset'].update(metainfo=raw, data_mode='topdown', test_mode=True)
    if not loader['dataset'].get('pipeline'):
        size = network['head']['decoder']['input_size']
        loader['dataset']['pipeline'] = default_pipeline(size)
        notes.append("no test pipeline in the config: mmpose's usual one was written")
    result = dict(codec=network['head']['decoder'], test_dataloader=loader)
    evaluator = config.get('test_evaluator') or config.get('val_evaluator')
    if evaluator and not any(_foreign_types(_as_plain(evaluator))):
        result.update(test_cfg=dict(), test_evaluator=_as_plain(evaluator))
    elif evaluator:
        notes.append('evaluators left out: mmpose has none that measures the same')
    return result


def _as_plain(value: Any) -> Any:
    return Config(dict(value=value)).to_dict()['value']


def _foreign_types(value: Any) -> Iterator[str]:
    """Name the types below ``value`` that mmpose does not have."""
    if isinstance(value, dict):
        kind = value.get('type')
        if kind is not None and is_ours(kind):
            yield str(kind)
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _foreign_types(item)


def _provenance(
    content: Any, checkpoint: Path, which: str, layout: dict | None
) -> dict[str, Any]:
    meta = dict(
        source=checkpoint.name,
        source_sha256=file_sha256(checkpoint),
        network=which,
        ssltoolbox_version=__version__,
    )
    if layout:
        meta['dataset_meta'] = to_plain(dict(layout))
    old = content.get('meta') or {}
    return meta | {key: int(old[key]) for key in ('epoch', 'iter') if key in old}


def _write_config(config: dict, exported: Exported, checkpoint: Path) -> None:
    lines = [f'# The {exported.which} of {checkpoint.name}, for mmpose alone.']
    lines += [f'# - {note}' for note in exported.notes]
    text = Config(config).pretty_text
    write_text(exported.config, '\n'.join(lines) + '\n' + text)
