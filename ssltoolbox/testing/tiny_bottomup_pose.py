"""A small network for whole images, and images with instruments of four joints."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dataset import Compose

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.registry import TRANSFORMS  # noqa: F401  prepares the import of mmpose

from .tiny import COUNT, TinyTask

FLIP_INDICES, LINKS = [1, 0, 2, 3], [(0, 2), (1, 2), (2, 3)]
SIZE = (32, 32)


def estimator() -> dict[str, Any]:
    """Config of a quarter of a quarter of a DAUNet."""
    codec = dict(
        type='ssltoolbox.JointConnectionMaps',
        input_size=SIZE,
        heatmap_size=SIZE,
        sigma=2.0,
        num_joints=len(FLIP_INDICES),
        connections=LINKS,
    )
    return dict(
        type='ssltoolbox.WholeImagePoseEstimator',
        data_preprocessor=dict(
            type='mmpose.PoseDataPreprocessor',
            mean=[128.0] * 3,
            std=[64.0] * 3,
            bgr_to_rgb=True,
        ),
        backbone=dict(type='ssltoolbox.DAUNet', base_channels=4, dropout=0.1),
        head=dict(
            type='ssltoolbox.JointConnectionHead',
            in_channels=4,
            out_channels=len(FLIP_INDICES) + len(LINKS),
            decoder=codec,
        ),
    )


def tiny() -> TinyTask:
    """The network and its batches."""
    return TinyTask(estimator(), views, dict(type='ssltoolbox.BottomupPoseTask'))


def views(names: Sequence[str], labelled: int = 2, known: bool = True) -> dict:
    """Batch of images of 40 x 36 px; see :class:`TinyTask`.

    Unlabelled images have stored maps, and hidden joints for diagnostics.
    """
    look: dict[str, Any] = dict(input_size=SIZE, exchange_sides=True)
    plain = dict(type='ssltoolbox.ImageView', **look)
    drawn = dict(type='ssltoolbox.RandomImageView', **look)
    pack = dict(type='ssltoolbox.PackPoseView')
    branches = {name: [plain if name == 'plain' else drawn, pack] for name in names}
    pipeline = Compose([dict(type='ssltoolbox.Branches', **branches)])
    with seeded(0):
        samples = [pipeline(record(i, i < labelled, known)) for i in range(COUNT)]
    return branch_collate(samples)


def record(number: int, labelled: bool, known: bool = True) -> dict[str, Any]:
    """Record of an image with 0, 1, 2 ... instances, as it was read.

    Args:
        number: Of the image.
        labelled: Whether its joints are labels, or hidden.
        known: Whether there are joints or stored maps at all.
    """
    rng = np.random.default_rng(number)
    points = rng.uniform(6, 30, (number, len(FLIP_INDICES), 2)).astype(np.float32)
    visible = np.ones(points.shape[:2], np.float32)
    made = dict(
        id=100 + number,
        img_id=100 + number,
        img_path=f'{number}.png',
        img=rng.integers(0, 256, (36, 40, 3), np.uint8),
        ori_shape=(36, 40),
        img_shape=(36, 40),
        keypoints=points,
        keypoints_visible=visible,
        flip_indices=FLIP_INDICES,
        skeleton_links=LINKS,
        labelled=labelled and known,
    )
    if labelled and known:
        return made
    made.update(keypoints=points[:0], keypoints_visible=visible[:0])
    if known:
        channels = len(FLIP_INDICES) + len(LINKS)
        maps = rng.random((channels, SIZE[1], SIZE[0]), np.float32)
        truth = np.concatenate([points, visible[..., None]], -1)
        made.update(pseudo_map=maps, truth=truth)
    return made
