"""A pose network and multi-view batches so small that a step takes milliseconds."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dataset import Compose

from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.registry import TRANSFORMS  # noqa: F401  prepares the import of mmpose

from .tiny import COUNT, TinyTask

FLIP_INDICES = [1, 0, 2, 4, 3]
"""Five keypoints: two pairs and one on the middle line."""


def tiny_network(size: int = 64, num_keypoints: int = 5, **head: Any) -> dict:
    """Config of an mmpose ResNet-18 with eight channels.

    Args:
        size: Side of the input in pixels, a multiple of 32.
        num_keypoints: K.
        head: Fields of the head that differ.
    """
    cells = size // 4
    return dict(
        type='mmpose.TopdownPoseEstimator',
        data_preprocessor=dict(
            type='mmpose.PoseDataPreprocessor',
            mean=[128.0] * 3,
            std=[64.0] * 3,
            bgr_to_rgb=True,
        ),
        backbone=dict(type='mmpose.ResNet', depth=18, base_channels=8, stem_channels=8),
        head={
            'type': 'mmpose.HeatmapHead',
            'in_channels': 64,
            'out_channels': num_keypoints,
            'deconv_out_channels': (16, 16, 16),
            'deconv_kernel_sizes': (4, 4, 4),
            'loss': dict(type='mmpose.KeypointMSELoss', use_target_weight=True),
            'decoder': dict(
                type='MSRAHeatmap',
                input_size=(size, size),
                heatmap_size=(cells, cells),
                sigma=2,
            ),
            **head,
        },
        test_cfg=dict(flip_test=False),
    )


def records(count: int, labelled: int, seed: int = 0) -> list[dict]:
    """Records of instances, as a pose data set gives them, with the image read.

    Args:
        count: Instances.
        labelled: The first so many have ground truth, the others pseudo labels.
        seed: Seed of images and keypoints.
    """
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        keypoints = rng.uniform(10, 86, (1, 5, 2)).astype(np.float32)
        record = dict(
            id=100 + i,
            img_id=i,
            img=rng.integers(0, 256, (96, 96, 3), dtype=np.uint8),
            ori_shape=(96, 96),
            img_shape=(96, 96),
            bbox=np.array([[8, 8, 88, 88]], np.float32),
            bbox_score=np.ones(1, np.float32),
            keypoints=keypoints,
            keypoints_visible=np.ones((1, 5), np.float32),
            flip_indices=FLIP_INDICES,
            labelled=i < labelled,
        )
        if not record['labelled']:
            truth = np.concatenate([keypoints[0] + 1, np.ones((5, 1))], 1)
            record['truth'] = truth.astype(np.float32)
        made.append(record)
    return made


def tiny() -> TinyTask:
    """A network of 32 px and its batches, in which unlabelled images have labels too.

    They are there as if a stage had predicted them.
    """
    network = tiny_network(
        32,
        in_channels=16,
        deconv_out_channels=(16,),
        deconv_kernel_sizes=(4,),
    )
    network['backbone'] |= dict(num_stages=2, out_indices=(1,), strides=(1, 2))
    network['backbone'] |= dict(dilations=(1, 1))
    return TinyTask(network, _views, dict(type='ssltoolbox.PoseTask'))


def _views(names: Sequence[str], labelled: int = 2, known: bool = True) -> dict:
    made = view_batch(COUNT, labelled if known else 0, size=32, views=names)
    for samples in made['data_samples'].values():
        for sample in samples:
            sample.gt_instances.keypoints_visible *= known
    return made


def view_batch(
    count: int = 4,
    labelled: int = 2,
    seed: int = 0,
    size: int = 64,
    views: Sequence[str] = ('strong', 'weak', 'plain'),
) -> dict[str, dict]:
    """Batch of several views of each image, as a loader gives it.

    Args:
        count: Images.
        labelled: How many of them have ground truth.
        seed: Seed of everything random.
        size: Side of the views in pixels.
        views: Their names; ``plain`` is not augmented, ``weak`` little.
    """
    np.random.seed(seed)
    random.seed(seed)
    shape = dict(input_size=(size, size))
    pack = dict(type='ssltoolbox.PackPoseView')
    strong = dict(type='ssltoolbox.RandomView', **shape)
    looks = {
        'weak': dict(strong, scale=0.1, rotation=20),
        'plain': dict(type='ssltoolbox.CropView', **shape),
    }
    branches = {name: [looks.get(name, strong), pack] for name in views}
    pipeline = Compose([
        TRANSFORMS.build(dict(type='mmpose.GetBBoxCenterScale')),
        TRANSFORMS.build(dict(type='ssltoolbox.Branches', **branches)),
    ])  # fmt: skip
    return branch_collate([pipeline(r) for r in records(count, labelled, seed)])


def easy_batch(
    count: int = 3, seed: int = 0, size: int = 64, colour: bool = False
) -> dict[str, dict]:
    """Batch of the views ``labelled`` and ``easy``, of different images.

    Args:
        count: Images of each view.
        seed: Seed of everything random.
        size: Side of the views in pixels.
        colour: Whether there is a view ``colour``: the negatives of ``easy``.
    """
    labelled = view_batch(count, count, seed, size)
    unlabelled = view_batch(count, 0, seed + 1000, size)
    batch = {
        part: {'labelled': labelled[part]['weak'], 'easy': unlabelled[part]['weak']}
        for part in labelled
    }
    if colour:
        batch['inputs']['colour'] = [255 - image for image in batch['inputs']['easy']]
        batch['data_samples']['colour'] = batch['data_samples']['easy']
    return batch
