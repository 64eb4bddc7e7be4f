"""Heatmaps averaged over scaled, rotated and mirrored copies of each crop."""

import math
from collections.abc import Callable

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ssltoolbox.geometry.view import crop_matrix
from ssltoolbox.geometry.warp import warp
from ssltoolbox.registry import TASK_UTILS

from mmpose.models.utils.tta import flip_heatmaps  # isort: skip


@TASK_UTILS.register_module()
class PoseTTA:
    """Test-time augmentation that makes pseudo labels.

    The first pass sees the crop as it is; each further pass a copy with scale factor
    ``clip(1 + scale N, 1 - scale, 1 + scale)`` and rotation
    ``clip(rotation N, -2 rotation, 2 rotation)``, N standard normal. Every pass is
    averaged with its mirror image. The heatmaps are turned back and averaged.

    Args:
        num_transforms: Passes, the plain one included.
        scale: Spread of the scale factor.
        rotation: Spread of the rotation in degrees.
        flip: Average every pass with its mirror image. Switch it off for animals whose
            left and right look alike or are no mirror pairs in the keypoint layout.
        shift_heatmap: Move mirrored heatmaps one cell right, as flip testing does.
            The published program does not, which leaves them 0.7 cells off; False
            reproduces it.
        seed: Each instance's draws come from this and its id, so that neither batches
            nor interruptions change them.

    Source: pseudo-label generation of ScarceNet, CVPR 2023. Batched here: the original
    runs one instance at a time.
    """

    def __init__(
        self,
        num_transforms: int = 5,
        scale: float = 0.25,
        rotation: float = 30.0,
        flip: bool = True,
        shift_heatmap: bool = True,
        seed: int = 0,
    ) -> None:
        if num_transforms < 1:
            raise ValueError(f'num_transforms must be at least 1, got {num_transforms}')
        self.num_transforms, self.scale, self.rotation = num_transforms, scale, rotation
        self.flip, self.shift_heatmap, self.seed = flip, shift_heatmap, seed

    def draw(self, rng: np.random.RandomState) -> np.ndarray:
        """Scale factor and rotation of each pass, (num_transforms, 2)."""
        draws = [(1.0, 0.0)]
        for _ in range(self.num_transforms - 1):
            scale = np.clip(
                rng.randn() * self.scale + 1, 1 - self.scale, 1 + self.scale
            )
            limit = 2 * self.rotation
            draws.append((scale, np.clip(rng.randn() * self.rotation, -limit, limit)))
        return np.array(draws)

    def draws_for(self, ids) -> np.ndarray:
        """Draws (B, num_transforms, 2) of instances, from their ids."""
        rows = [
            self.draw(np.random.RandomState([self.seed, int(i) % 2**32])) for i in ids
        ]
        return np.stack(rows)

    @torch.no_grad()
    def __call__(
        self,
        forward: Callable[[Tensor], Tensor],
        crops: Tensor,
        draws: np.ndarray,
        flip_indices: list[int],
    ) -> Tensor:
        """Return averaged heatmaps (B, K, h, w).

        Args:
            forward: Maps images (B, 3, H, W) of grey levels 0..255 to heatmaps.
            crops: (B, 3, H, W) uint8.
            draws: (B, num_transforms, 2) scale factors and rotations.
            flip_indices: Mirror partner of each keypoint.
        """
        total = None
        for turn in range(draws.shape[1]):
            images = crops.float() if turn == 0 else _warp_crops(crops, draws[:, turn])
            maps = forward(images).float()
            if self.flip:
                mirrored = flip_heatmaps(
                    forward(images.flip(-1)).float(),
                    flip_indices,
                    shift_heatmap=self.shift_heatmap,
                )
                maps = (maps + mirrored) / 2
            maps = maps if turn == 0 else _unwarp_heatmaps(maps, draws[:, turn])
            total = maps if total is None else total + maps
        return total / draws.shape[1]


def _warp_crops(crops: Tensor, draws: np.ndarray) -> Tensor:
    h, w = crops.shape[-2:]
    matrices = [
        crop_matrix((w / 2, h / 2), (w * scale, h * scale), rotation, (w, h))
        for scale, rotation in draws
    ]
    matrix = torch.from_numpy(np.stack(matrices)).to(crops.device)
    # a warped 8-bit image is an 8-bit image: half a grey level is above our tolerance
    warped = warp(crops.double(), matrix, (w, h), subpixels=32)
    return (warped + 0.5).floor().float()


def _unwarp_heatmaps(maps: Tensor, draws: np.ndarray) -> Tensor:
    h, w = maps.shape[-2:]
    matrix = np.stack([np.eye(3)] * len(draws))
    for row, (_, rotation) in zip(matrix, draws, strict=True):
        row[:2] = cv2.getRotationMatrix2D((w / 2, h / 2), -rotation, 1.0)
    turned = warp(maps, torch.from_numpy(matrix).to(maps.device), (w, h), subpixels=32)
    resized = [_rescale(m, scale) for m, (scale, _) in zip(turned, draws, strict=True)]
    return torch.stack(resized)


def _rescale(maps: Tensor, scale: float) -> Tensor:
    """Resize (K, h, w) maps by a factor, then crop or zero-pad to the old size."""
    for axis in (-1, -2):
        old = maps.shape[axis]
        new = round(old * scale)
        if new == old:
            continue
        place = (
            (torch.arange(new, dtype=torch.double, device=maps.device) + 0.5) / scale
        ) - 0.5
        low = place.floor()
        shape = (new,) if axis == -1 else (new, 1)
        share = (place - low).to(maps).view(shape)
        first, second = (
            maps.index_select(axis, i.clamp(0, old - 1).long()) for i in (low, low + 1)
        )
        maps = first * (1 - share) + second * share
        if new > old:
            maps = maps.narrow(axis, (new - old) // 2, old)
        else:
            before = math.ceil((old - new) / 2)
            pad = (before, old - new - before)
            maps = F.pad(maps, pad if axis == -1 else (0, 0, *pad))
    return maps
