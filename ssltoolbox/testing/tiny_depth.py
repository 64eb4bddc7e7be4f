"""A wall that two cameras see, with exact depth and flow, and a tiny depth network."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from ssltoolbox.geometry.camera import Motion, flow_from_depth

from .tiny import COUNT, TinyTask

SIZE = (32, 24)
NORMAL, DISTANCE = (0.1, -0.2, 1.0), 2.0
"""The wall is where ``NORMAL . X = DISTANCE``, in the first camera."""


class Wall(NamedTuple):
    """What both cameras see, float64.

    Attributes:
        depths: Of both views, each (B, 1, H, W).
        motions: From the first to the second camera, and back.
        intrinsics: (B, 3, 3).
    """

    depths: tuple[Tensor, Tensor]
    motions: tuple[Motion, Motion]
    intrinsics: Tensor


def wall(count: int = 2, size: tuple[int, int] = SIZE) -> Wall:
    """Let two cameras see a slanted wall; each sample has another motion.

    Args:
        count: B.
        size: (W, H).
    """
    width, height = size
    k = torch.tensor([[width, 0, width / 2 - 0.3], [0, width, height / 2], [0, 0, 1.0]])
    intrinsics = k.double().expand(count, 3, 3)
    axis = torch.tensor([0.05, 0.1, -0.08]).double()
    cross = torch.zeros(3, 3).double()
    cross[0, 1], cross[0, 2], cross[1, 2] = -axis[2], axis[1], -axis[0]
    rotation = torch.matrix_exp(cross - cross.T)
    share = 1 + 0.1 * torch.arange(count).double().view(-1, 1, 1)
    shift = share * torch.tensor([0.15, -0.05, 0.1]).double().view(1, 3, 1)
    forth = Motion(rotation.expand(count, 3, 3), shift)
    normal = torch.tensor(NORMAL).double().view(1, 3, 1).expand(count, 3, 1)
    turned = forth.rotation @ normal
    distance = DISTANCE + (turned * shift).sum(1)
    flat = torch.full((count, 1), DISTANCE).double()
    first, second = (
        plane_depth(n, d, intrinsics, size)
        for n, d in ((normal, flat), (turned, distance))
    )
    return Wall((first, second), (forth, forth.inverse()), intrinsics)


def plane_depth(
    normal: Tensor, distance: Tensor, intrinsics: Tensor, size: tuple[int, int]
) -> Tensor:
    """Depth (B, 1, H, W) of planes ``normal . X = distance``, (B, 3, 1) and (B, 1)."""
    width, height = size
    ys, xs = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    pixels = torch.stack([xs, ys, torch.ones_like(xs)]).flatten(1).double()
    rays = torch.linalg.solve(intrinsics, pixels.expand(len(normal), -1, -1))
    return (distance / (normal * rays).sum(1)).view(-1, 1, height, width)


def pair_batch(
    count: int = 2, size: tuple[int, int] = SIZE, points: int = 30, truth: bool = True
) -> dict[str, Any]:
    """Both views of the wall, as the data loader gives them.

    Args:
        count: Number of pairs, each of a sequence of its own.
        size: (W, H).
        points: Pixels of each frame with known depth and flow.
        truth: Whether the dense depth is known, too.
    """
    scene, generator = wall(count, size), torch.Generator().manual_seed(0)
    data: dict[str, Any] = {'inputs': {}, 'data_samples': {}}
    for name, depth, motion in zip(
        ('first', 'second'), scene.depths, scene.motions, strict=True
    ):
        flow, seen = flow_from_depth(depth, motion, scene.intrinsics)
        chosen = torch.rand(depth.shape, generator=generator).flatten(1).argsort(1)
        chosen = (chosen < points).view_as(depth) & seen
        parts = depth * chosen, chosen, flow * chosen, chosen, chosen
        sparse = torch.cat([part.double() for part in parts], 1).float()
        data['inputs'][name] = list(
            torch.randint(256, (count, 3, size[1], size[0]), generator=generator).byte()
        )
        data['data_samples'][name] = [
            _sample(scene, depth[i], motion, sparse[i], i, truth) for i in range(count)
        ]
    return data


def _sample(
    scene: Wall, depth: Tensor, motion: Motion, sparse: Tensor, i: int, truth: bool
) -> BaseDataElement:
    sample = BaseDataElement(
        metainfo=dict(
            view=torch.eye(3).double().numpy(),
            intrinsics=scene.intrinsics[i].numpy(),
            rotation=motion.rotation[i].numpy(),
            translation=motion.translation[i].numpy(),
            sequence=i,
            name=f'bag_1/{i:08d}.jpg',
            img_path=f'bag_1/{i:08d}.jpg',
        )
    )
    sample.valid = PixelData(data=torch.ones_like(depth).float())
    sample.sparse = PixelData(data=sparse)
    if truth:
        sample.truth = PixelData(data=depth.float())
    return sample


def tiny_depth_network(channels: int = 8, **fields: Any) -> dict[str, Any]:
    """Config of a depth network of two levels."""
    return dict(
        type='ssltoolbox.DepthEstimator',
        data_preprocessor=dict(
            type='ssltoolbox.DepthDataPreprocessor',
            mean=[127.5] * 3,
            std=[127.5] * 3,
            bgr_to_rgb=True,
        ),
        backbone=dict(type='ssltoolbox.DepthUNet', depth=2, base_channels=channels),
        decode_head=dict(type='ssltoolbox.DepthHead', in_channels=channels),
        **fields,
    )


def tiny() -> TinyTask:
    """The network and its batches."""
    return TinyTask(tiny_depth_network(), _views, dict(type='ssltoolbox.DepthTask'))


def _views(names: Sequence[str], labelled: int = 2, known: bool = True) -> dict:
    """Views of the wall: ``second`` is from the second camera, all others the first."""
    pairs = pair_batch(COUNT, points=30 if known else 0)
    for samples in pairs['data_samples'].values():
        for number, sample in enumerate(samples):
            sample.set_metainfo(dict(labelled=known and number < labelled))
    cameras = {name: 'second' if name == 'second' else 'first' for name in names}
    return {
        key: {name: copy.deepcopy(parts[cameras[name]]) for name in names}
        for key, parts in pairs.items()
    }
