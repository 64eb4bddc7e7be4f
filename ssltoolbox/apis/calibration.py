"""Confidences that a filter gives to labelled images, by their number of instances."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine import Config
from mmengine.dataset import pseudo_collate
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ssltoolbox.apis.config import (
    ConfigError,
    read_config,
    resolve,
    stage_config,
    stage_names,
)
from ssltoolbox.apis.model import network_config
from ssltoolbox.evaluation.arrays import labelled_joints
from ssltoolbox.registry import DATASETS, TASK_UTILS

DEFAULT_FILTER = 'ssltoolbox.TotalVariationFilter'


def config_filter(
    path: str | Path, options: Mapping[str, Any] | None = None
) -> dict | None:
    """Find the filter of whole images in a config: ``filter`` of a stage's job.

    Args:
        path (str | Path): Config file.
        options (Mapping): ``--cfg-options``.
    """
    cfg = read_config(path, options)
    names = stage_names(cfg)
    outputs: dict[str, dict] = {name: {} for name in names}
    stages = [stage_config(cfg, name, outputs) for name in names] or [resolve(cfg)]
    for stage in stages:
        found = (stage.get('job') or {}).get('filter')
        if found:
            return dict(found)
    return None


def choose_filter(
    config: Config,
    given: dict | None,
    kind: str | None = None,
    channels: list[int] | None = None,
) -> dict:
    """Decide which filter is calibrated.

    Args:
        config (Config): A resolved config, of which the codec tells the joints.
        given (dict | None): The filter of the config, as :func:`config_filter` has it.
        kind (str | None): Another type; None is that of the config, else the total
            variation.
        channels (list[int] | None): Channels that it looks at; None are those of the
            config's filter if it is of that kind, else the joints.

    Returns:
        dict: Its config, with ``channels`` and without ``intervals``.
    """
    same = given is not None and kind in (None, given['type'])
    chosen = dict(given) if same else {'type': kind or DEFAULT_FILTER}
    chosen.pop('intervals', None)
    if channels is not None:
        chosen['channels'] = channels
    if not same and channels is None:
        codec = (network_config(config).get('head') or {}).get('decoder') or {}
        joints = codec.get('num_joints')
        chosen['channels'] = list(range(joints)) if joints else None
    return chosen


def labelled_images(config: Config) -> Dataset:
    """Build the labelled training images, seen as validation sees its images.

    Raises:
        ConfigError: The config has no such data, or no pipeline for validation.
    """
    name = config.filename or 'config'
    dataset = (config.get('train_dataloader') or {}).get('dataset')
    if not dataset:
        raise ConfigError(f'{name}: no train_dataloader.dataset to take images from')
    sources = dataset.get('sources')
    if sources:
        if 'labelled' not in sources:
            raise ConfigError(
                f'{name}: train_dataloader.dataset.sources has {", ".join(sources)}, '
                "expected one named 'labelled' to take images from"
            )
        dataset = sources['labelled']
    pipeline = ((config.get('val_dataloader') or {}).get('dataset') or {}).get(
        'pipeline'
    )
    if not pipeline:
        raise ConfigError(
            f'{name}: no val_dataloader.dataset.pipeline, by which the images are '
            'looked at without augmentation'
        )
    return DATASETS.build({**dataset, 'pipeline': pipeline})


class Confidences:
    """Predict images with a network and let a filter judge the raw maps.

    Args:
        network (nn.Module): In eval mode, on its device.
        filter_cfg (dict): As from :func:`choose_filter`.
        batch_size (int): Images per forward pass.
        num_workers (int): Processes that load images.

    Attributes:
        empty (float | None): Confidence of maps that are zero everywhere, known after
            the first batch.
    """

    def __init__(
        self,
        network: nn.Module,
        filter_cfg: dict,
        batch_size: int = 8,
        num_workers: int = 2,
    ) -> None:
        # bounds are what is looked for
        self.filter = TASK_UTILS.build({**filter_cfg, 'intervals': [(None, None)]})
        self.network = network
        self.options = dict(batch_size=batch_size, num_workers=num_workers)
        self.empty: float | None = None

    @torch.inference_mode()
    def of(self, dataset: Dataset) -> Iterator[tuple[int, float]]:
        """Give number of instances and confidence of each image.

        Raises:
            ValueError: A confidence is not finite.
        """
        loader = DataLoader(dataset, collate_fn=pseudo_collate, **self.options)
        for data in loader:
            data = self.network.data_preprocessor(data, False)
            samples = data['data_samples']
            maps = self.network(data['inputs'], samples, mode='tensor')
            if self.empty is None:
                self.empty = self.filter.confidence(torch.zeros_like(maps[:1])).item()
            found = self.filter.confidence(maps).tolist()
            for sample, value in zip(samples, found, strict=True):
                if not np.isfinite(value):
                    raise ValueError(
                        f'the confidence of {sample.metainfo.get("img_path", "?")} is '
                        f'{value}: the training of this checkpoint has diverged, '
                        'choose an earlier one'
                    )
                yield _count(sample), value


def by_count(pairs: Iterator[tuple[int, float]]) -> dict[int, np.ndarray]:
    """Sort confidences by the number of instances, ascending."""
    groups: dict[int, list[float]] = defaultdict(list)
    for count, value in pairs:
        groups[count].append(value)
    return {count: np.array(groups[count]) for count in sorted(groups)}


def _count(sample: Any) -> int:
    """Instances of which a joint is marked."""
    if 'gt_instances' not in sample:
        raise ValueError(
            f'{sample.metainfo.get("img_path", "an image")} has no instances, whose '
            'number a filter is calibrated by: for masks choose intervals by the '
            'percentiles that the pseudo-label stage writes into its log'
        )
    return int(labelled_joints(sample.gt_instances).any(1).sum())
