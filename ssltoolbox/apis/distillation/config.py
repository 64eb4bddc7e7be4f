"""Write a call of the original program as a config that a user can go on with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.config_literal import literal, reference
from ssltoolbox.apis.distillation.call import METHODS, DistillCall
from ssltoolbox.apis.distillation.networks import NamedNetwork, with_backbone

CONFIGS = Path(__file__).resolve().parents[3] / 'configs'
THREE = 3
"""Base networks that the base files of model distillation have room for."""

SEMI = {
    'supervised': 'labels_alone',
    'data': 'data_distillation',
    'model': 'model_distillation',
    'model-data': 'model_data_distillation',
}


def config_text(call: DistillCall, metainfo: Mapping[str, Any]) -> str:
    """Make the text of a config file.

    Args:
        call: What the config shall do.
        metainfo: Classes of the data and their codes.

    Raises:
        FileNotFoundError: The base files are not here.
    """
    if not CONFIGS.is_dir():
        raise FileNotFoundError(
            f'{CONFIGS} does not exist: the configs are part of the repository, not of '
            'the installed package. Clone it, and install it by pip install -e .'
        )
    content = _content(call, metainfo)
    options = Config()
    options.merge_from_dict(call.options)
    for key, value in options._cfg_dict.to_dict().items():
        content[key] = _merged(content.get(key), value)
    lines = [
        f'"""{_title(call)}',
        '',
        'Written by tools/distill.py; change it, and go on with tools/train.py.',
        '"""',
        '',
        f'_base_ = {literal(_base_files(call))}',
        *(f'{key} = {literal(value)}' for key, value in content.items()),
    ]
    return '\n'.join(lines) + '\n'


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {key: _merged(old.get(key), value) for key, value in new.items()}


def _title(call: DistillCall) -> str:
    if call.method == 'supervised':
        return f'Supervised training of {call.target.title}.'
    bases = ', '.join(each.title for each in call.bases)
    return f'{METHODS[call.method]}: {bases} -> {call.target.title}.'


def _base_files(call: DistillCall) -> list[str]:
    usual = [each for each in call.networks if each.key == each.base_config]
    names = [
        'semiseg_runtime',
        *(f'models/{each.base_config}' for each in usual),
        'models/imagenet',
        'datasets/semiseg_layout',
        'schedules/semiseg',
        f'semi/{SEMI[call.method]}',
    ]
    return [str(CONFIGS / '_base_' / f'{name}.py') for name in names]


def _content(call: DistillCall, metainfo: Mapping[str, Any]) -> dict[str, Any]:
    height, width = call.size
    content: dict[str, Any] = dict(
        data_root=str(call.data),
        labels=call.labels,
        classes=dict(_delete_=True, classes=metainfo['classes']),
        num_classes=len(metainfo['classes']),
        input_size=(width, height),
        batch_size=call.batch_size,
    )
    if not (call.data / 'Images/test').is_dir():
        content['test_split'] = 'valid'
    if call.epochs:
        content |= dict(epochs=call.epochs, supervised_epochs=call.epochs)
    if not call.imagenet:
        content |= dict(backbone_init=None, hrnet_init=None)
    for each in call.networks:
        content |= _network(each, call.imagenet)
    for number, each in enumerate(call.bases, 1):
        content[f'network_{number}'] = reference(each.key)
    content['student'] = reference(call.target.key)
    if call.transforms:
        content['views'] = list(call.transforms)
    if call.method.startswith('model') and len(call.bases) != THREE:
        content |= _stages(len(call.bases))
    return content


def _network(each: NamedNetwork, imagenet: bool) -> dict[str, Any]:
    """A network whose backbone is not that of its base file."""
    if each.key == each.base_config:
        return {}
    file = CONFIGS / '_base_' / 'models' / f'{each.base_config}.py'
    network = Config.fromfile(file)._cfg_dict.to_dict()[each.base_config]
    network = with_backbone(network, each.backbone)
    init = f'{each.backbone}_init'
    network['backbone']['init_cfg'] = reference(init)
    weights = dict(type='Pretrained', checkpoint=f'torchvision://{each.backbone}')
    return {init: weights if imagenet else None, each.key: network}


def _stages(count: int) -> dict[str, Any]:
    """Members and stages of another number of base networks than three."""
    numbers = range(1, count + 1)
    content = dict(_further_bases(range(THREE + 1, count + 1)))
    content['members'] = [reference(f'member_{n}') for n in numbers]
    content['stages'] = [
        *(dict(name=f'base_{n}', cfg=reference(f'base_stage_{n}')) for n in numbers),
        dict(name='annotate', job='${annotation}'),
        dict(name='target', cfg='${target_stage}'),
    ]
    return content


def _further_bases(numbers: range) -> Iterator[tuple[str, Any]]:
    for n in numbers:
        yield (
            f'base_stage_{n}',
            dict(
                model=reference(f'network_{n}'),
                train_dataloader='${supervised_loader}',
                train_cfg=dict(max_epochs='${supervised_epochs}'),
                param_scheduler='${supervised_scheduler}',
            ),
        )
        yield (
            f'member_{n}',
            dict(
                network=reference(f'network_{n}'),
                checkpoint=reference(f'base_{n}.best'),
                weight=1.0,
            ),
        )
