"""A codec, a network and samples of whole images, with numbers one can see through."""

import cv2
import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData, PixelData
from torch.utils.data import Dataset

from ssltoolbox.registry import DATASETS, MODELS

from mmpose.structures import PoseDataSample  # isort: skip

PAIRS, LINKS = [1, 0, 2], [(0, 2), (1, 2)]
CHANNELS, SIDE = 5, 32
MIRROR = np.array([[-1.0, 0, SIDE - 1], [0, 1, 0], [0, 0, 1]])


class BlobMaps:
    """Left, right and middle joint, and a blob half way of each connection."""

    num_joints, connections, heatmap_size, sigma = 3, LINKS, (SIDE, SIDE), 2.0
    grid = 'areas'

    def render(self, points, visible):
        """Draw (B, N, K, 2) px and (B, N, K) as maps (B, C, h, w)."""
        pairs = [(points[:, :, a] + points[:, :, b]) / 2 for a, b in LINKS]
        seen = [visible[:, :, a] * visible[:, :, b] for a, b in LINKS]
        points = torch.cat([points, torch.stack(pairs, 2)], 2)
        visible = torch.cat([visible, torch.stack(seen, 2)], 2)
        axis = torch.arange(SIDE, device=points.device, dtype=points.dtype)
        x, y = (
            (-((axis - points[..., i, None]) ** 2) / self.sigma**2).exp()
            for i in (0, 1)
        )
        maps = y[..., :, None] * x[..., None, :] * visible[..., None, None]
        return maps.sum(1)


@MODELS.register_module(force=True)
class BlobNetwork(BaseModel):
    """One convolution."""

    def __init__(self, preprocessor=None):
        grey = dict(mean=[128.0] * 3, std=[64.0] * 3)
        kind = preprocessor or dict(type='mmpose.PoseDataPreprocessor')
        super().__init__({**kind, **grey})
        self.conv = torch.nn.Conv2d(3, CHANNELS, 3, padding=1)
        self.head = torch.nn.Module()
        self.head.decoder = BlobMaps()

    def forward(self, inputs, data_samples=None, mode='tensor'):
        """Maps (B, C, H, W)."""
        return self.conv(inputs)


@DATASETS.register_module(force=True)
class GreyImages(Dataset):
    """Images of ever lighter noise, in their plain view; ids 10, 11, ..."""

    metainfo = dict(num_keypoints=3)

    def __init__(self, count=7, view=None):
        self.ids, self.view = np.arange(count) + 10, view

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        image = np.random.default_rng(index).integers(0, 40 * (index + 1), (16, 48, 3))
        image = cv2.resize(image.astype(np.uint8), (SIDE, SIDE))
        plain = np.array([[2 / 3, 0, -1 / 6], [0, 2, 0.5], [0, 0, 1]])
        view = plain if self.view is None else self.view
        sample = pose_sample(np.zeros((0, 3, 2)), labelled=False, view=view)
        sample.set_metainfo(
            dict(
                img_id=int(self.ids[index]),
                img_path=f'{index}.png',
                ori_shape=(16, 48),
                img_shape=(SIDE, SIDE),
            )
        )
        inputs = torch.from_numpy(image.transpose(2, 0, 1).copy())
        return dict(inputs=inputs, data_samples=sample)


def pose_sample(
    points, labelled=True, view=None, pairs=PAIRS, maps=None, truth=None, visible=None
):
    """Sample with instances (N, 3, 2) in px of the image, exchanged where mirrored."""
    view = np.eye(3) if view is None else view
    points = np.asarray(points, np.float32).reshape(-1, 3, 2)
    visible = np.ones(points.shape[:2]) if visible is None else np.asarray(visible)
    if np.linalg.det(view) < 0:
        points, visible = points[:, pairs], visible[:, pairs]
    sample = PoseDataSample()
    sample.gt_instances = InstanceData(
        transformed_keypoints=points @ view[:2, :2].T + view[:2, 2],
        keypoints_visible=visible.astype(np.float32),
    )
    if maps is not None:
        sample.gt_fields = PixelData(pseudo_maps=maps)
    meta = dict(view=view, labelled=labelled, flip_indices=pairs)
    sample.set_metainfo(meta if truth is None else {**meta, 'truth': truth})
    return sample
