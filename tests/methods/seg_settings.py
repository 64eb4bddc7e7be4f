"""A small segmentor and batches of images in the views of the segmentation methods."""

import numpy as np
import torch
from mmengine.config import ConfigDict
from mmengine.structures import PixelData

from ssltoolbox.compat import prepare_segmentation

prepare_segmentation()

from mmseg.structures import SegDataSample  # noqa: E402

SIDE, CLASSES = 16, 3


def segmentor() -> ConfigDict:
    """Three classes at a quarter of the input, from two levels of features."""
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


def sample(labelled, mask=None, maps=None, truth=None):
    made = SegDataSample()
    fields = dict(gt_sem_seg=mask, pseudo_maps=maps, truth_sem_seg=truth)
    for name, value in fields.items():
        if value is not None:
            value = torch.as_tensor(value)
            value = value if name == 'pseudo_maps' else value[None]
            setattr(made, name, PixelData(data=value))
    size = (SIDE, SIDE)
    meta = dict(ori_shape=size, img_shape=size, labelled=labelled, view=np.eye(3))
    made.set_metainfo(meta)
    return made


def images(count, seed=0):
    drawn = torch.Generator().manual_seed(seed)
    shape = (count, 3, SIDE, SIDE)
    return list(torch.randint(256, shape, generator=drawn, dtype=torch.uint8))


def masks(count, seed=0):
    drawn = torch.Generator().manual_seed(seed)
    return torch.randint(CLASSES, (count, SIDE, SIDE), generator=drawn)


def weak_strong_batch(labelled=2, unlabelled=2) -> dict:
    """Labelled images in ``sup``, unlabelled ones in three views of one geometry."""
    names = ('weak', 'strong', 'strong2')
    samples = [sample(False, truth=mask) for mask in masks(unlabelled, 1)]
    return {
        'inputs': {
            'sup': images(labelled),
            **{name: images(unlabelled, i) for i, name in enumerate(names, 1)},
        },
        'data_samples': {
            'sup': [sample(True, mask) for mask in masks(labelled)],
            **{name: list(samples) for name in names},
        },
    }


def seg_batch() -> dict:
    """A labelled image and one with stored probabilities, in the view ``strong``."""
    maps = torch.rand(CLASSES, 8, 8, generator=torch.Generator().manual_seed(0))
    samples = [sample(True, masks(1)[0]), sample(False, maps=maps / maps.sum(0))]
    return {'inputs': {'strong': images(2)}, 'data_samples': {'strong': samples}}
