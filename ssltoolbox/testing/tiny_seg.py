"""A small segmentor, and images with masks in the views of any method."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from mmengine.config import ConfigDict
from mmengine.dataset import Compose

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.branches import branch_collate

from .tiny import COUNT, TinyTask

CLASSES, SIZE = 3, (32, 24)
"""Number of classes, and (w, h) of the network's input in pixels."""


def segmentor() -> ConfigDict:
    """Config of a segmentor: three classes at a quarter of the input, of two levels."""
    prepare_segmentation()
    return ConfigDict(
        type='mmseg.EncoderDecoder',
        data_preprocessor=dict(
            type='mmseg.SegDataPreProcessor',
            mean=[128.0] * 3,
            std=[64.0] * 3,
            size_divisor=1,
        ),
        backbone=dict(
            type='mmseg.ResNet',
            depth=18,
            num_stages=2,
            strides=(1, 1),
            dilations=(1, 1),
            out_indices=(0, 1),
            base_channels=8,
            stem_channels=8,
        ),
        decode_head=dict(
            type='mmseg.FCNHead',
            in_channels=16,
            in_index=1,
            channels=8,
            num_convs=1,
            num_classes=CLASSES,
            dropout_ratio=0,
            align_corners=False,
            loss_decode=dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=False),
        ),
        test_cfg=dict(mode='whole'),
    )


def tiny() -> TinyTask:
    """The segmentor and its batches."""
    return TinyTask(segmentor(), views, dict(type='ssltoolbox.SegTask'))


def views(names: Sequence[str], labelled: int = 2, known: bool = True) -> dict:
    """Batch of images of 40 x 36 px; see :class:`TinyTask`.

    Unlabelled images have stored probabilities, and a hidden mask for diagnostics.
    """
    look = dict(type='ssltoolbox.RandomImageView', input_size=SIZE)
    plain = dict(type='ssltoolbox.ImageView', input_size=SIZE)
    pack = dict(type='ssltoolbox.PackSegView')
    branches = {name: [plain if name == 'plain' else look, pack] for name in names}
    pipeline = Compose([dict(type='ssltoolbox.Branches', **branches)])
    with seeded(0):
        samples = [pipeline(record(i, i < labelled, known)) for i in range(COUNT)]
    return branch_collate(samples)


def record(number: int, labelled: bool, known: bool = True) -> dict[str, Any]:
    """Record of an image with a disk of class 1 and a bar of class 2, as it was read.

    Args:
        number: Of the image.
        labelled: Whether its mask is a label, or hidden.
        known: Whether there is a mask or stored probabilities at all.
    """
    rng = np.random.default_rng(number)
    mask = np.zeros((36, 40), np.uint8)
    cv2.circle(mask, (12 + 3 * number, 14), 8, 1, -1)
    mask[26:32] = 2
    image = cv2.merge([mask] * 3) * 90 + rng.integers(0, 40, (36, 40, 3), np.uint8)
    made = dict(
        id=100 + number,
        img_id=100 + number,
        img_path=f'{number}.png',
        img=image,
        ori_shape=mask.shape,
        img_shape=mask.shape,
        labelled=labelled,
    )
    if not known:
        return made | {'labelled': False}
    if labelled:
        return made | {'gt_seg_map': mask}
    maps = rng.uniform(0.1, 1, (CLASSES, 6, 8)).astype(np.float32)
    return made | {'truth_seg_map': mask, 'pseudo_map': maps / maps.sum(0)}
