"""Masks of several trained networks beside the truth, on some of the test images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from ssltoolbox.apis.inference.seg_inferencer import SegInferencer
from ssltoolbox.datasets.transforms.load_mask import IGNORED, LoadMask
from ssltoolbox.evaluation.mask_counts import (
    BACKGROUND,
    class_values,
    count_pixels,
    mean_of_known,
)
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.image_file import read_image, write_image
from ssltoolbox.visualization.dense import draw_classes
from ssltoolbox.visualization.overlay import class_palette
from ssltoolbox.visualization.sheet import grid


class _Sample(NamedTuple):
    path: str
    image: np.ndarray
    truth: np.ndarray


def mask_sheet(
    networks: Mapping[str, tuple[Path, Path]], path: str | Path, count: int = 6
) -> None:
    """Write a picture: a row for each image, with the image, the truth and the masks.

    Below each mask is its Dice, the mean over the classes of the foreground. Images
    are taken at equal steps from the test data of the first network.

    Args:
        networks: Config and checkpoint of segmentors of the same data set, by their
            headings. The first config is a resolved one, as the folder of a stage has.
        path: Picture to write.
        count: How many images, positive.

    Raises:
        ValueError: There is no network, or an image cannot be read.
    """
    if not networks or count < 1:
        raise ValueError(
            f'mask_sheet draws one or more images of one or more networks, got {count} '
            f'and {len(networks)}'
        )
    samples, meta = _samples(Config.fromfile(next(iter(networks.values()))[0]), count)
    palette = class_palette(meta)
    columns = {
        'image': [sample.image for sample in samples],
        'truth': [draw_classes(s.image, s.truth, palette) for s in samples],
    }
    titles = {key: [''] * len(samples) for key in columns}
    titles['image'] = [Path(sample.path).name for sample in samples]
    for name, (config, checkpoint) in networks.items():
        segment = SegInferencer(config, checkpoint)
        masks = [result.classes for result in segment([s.path for s in samples])]
        pairs = list(zip(samples, masks, strict=True))
        columns[name] = [draw_classes(s.image, mask, palette) for s, mask in pairs]
        titles[name] = [_dice(mask, s.truth, segment.num_classes) for s, mask in pairs]
    sheet = grid(
        [image for row in zip(*columns.values(), strict=True) for image in row],
        [title for row in zip(*titles.values(), strict=True) for title in row],
        cols=len(columns),
        cell=(300, 240),
        headings=list(columns),
    )
    write_image(path, sheet)


def _samples(cfg: Config, count: int) -> tuple[list[_Sample], dict[str, Any]]:
    """Read images and true classes at equal steps of the test data."""
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmpose')):
        dataset = DATASETS.build({**cfg.test_dataloader.dataset, 'pipeline': []})
    load, samples = LoadMask(), []
    places = np.linspace(0, len(dataset) - 1, min(count, len(dataset))).astype(int)
    for place in dict.fromkeys(places.tolist()):
        record = dataset.get_data_info(place)
        image = read_image(record['img_path'], upright=False)
        if image is None:
            raise ValueError(f'{record["img_path"]} is no image that can be read')
        truth = load({**record, 'ori_shape': image.shape[:2]})['gt_seg_map']
        samples.append(_Sample(record['img_path'], image, truth))
    return samples, dataset.metainfo


def _dice(found: np.ndarray, truth: np.ndarray, num_classes: int) -> str:
    known = truth != IGNORED
    ours, theirs = (torch.from_numpy(mask[known]) for mask in (found, truth))
    counts = count_pixels(ours, theirs, num_classes)
    values = class_values(counts)['Dice'][BACKGROUND + 1 :]
    dice = float(mean_of_known(values))
    return 'nothing there' if np.isnan(dice) else f'Dice {100 * dice:.1f}'
