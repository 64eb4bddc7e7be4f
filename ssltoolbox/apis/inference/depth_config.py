"""How a config says that a depth network is given its pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mmengine import Config

from ssltoolbox.apis.data_files import dataset_class, datasets_of
from ssltoolbox.datasets.depth.prepare import SfmSettings
from ssltoolbox.datasets.depth.sfm_dataset import SfmDataset

_READS = frozenset({'LoadSfmFrame', 'LoadImage', 'LoadImageFromFile'})
_PAIR = 'SfmPair'

Size = tuple[int, int] | None


def window_settings(
    config: Config, downsampling: float | None = None
) -> tuple[SfmSettings, Size]:
    """Settings of the frames, and (width, height) of what the network sees of them.

    Args:
        config: With a data set ``ssltoolbox.SfmDataset`` for test, validation or
            training.
        downsampling: By which frames are made smaller, instead of that of training.

    Raises:
        ValueError: The config has no such data set.
    """
    dataset = depth_dataset(config)
    settings = SfmSettings.read(dataset.get('settings'))
    chosen = settings.downsampling if downsampling is None else downsampling
    settings = replace(settings, downsampling=float(chosen))
    size = dataset.get('size')
    return settings, None if size is None else (int(size[0]), int(size[1]))


def prediction_pipeline(config: Config) -> list[dict]:
    """What becomes of a window before the network sees it, without what reads files.

    Raises:
        ValueError: The config does not say.
    """
    steps = depth_dataset(config).get('pipeline') or []
    if steps and _name(steps[0]) == _PAIR:
        steps = steps[0]['frame']
    steps = [step for step in steps if _name(step) not in _READS]
    if not steps:
        raise ValueError(
            f'{_file(config)}: the pipeline of the data set does not pack what it '
            'reads; expected ssltoolbox.PackDepthView at its end'
        )
    return steps


def depth_dataset(config: Config) -> Mapping[str, Any]:
    """Config of the data set of frames, for test, validation or training.

    Raises:
        ValueError: There is none.
    """
    for dataset in _datasets(config):
        kind = dataset_class(dataset)
        if kind is not None and issubclass(kind, SfmDataset):
            return dataset
    raise ValueError(
        f'{_file(config)}: cannot tell how frames are read; expected a data set '
        'ssltoolbox.SfmDataset in test_dataloader, val_dataloader or train_dataloader'
    )


def _datasets(config: Config) -> Iterator[Mapping[str, Any]]:
    for subset in ('test', 'val', 'train'):
        yield from datasets_of(config.get(f'{subset}_dataloader') or {})


def _name(step: Mapping[str, Any]) -> str:
    return getattr(step['type'], '__name__', step['type']).rpartition('.')[2]


def _file(config: Config) -> str:
    return config.filename or 'config'
