"""A second, random rotation and scale of a whole batch, on its device."""

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ssltoolbox.geometry.view import View, invert_affine
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch
from ssltoolbox.utils.on_device import on_device


@TASK_UTILS.register_module()
class RandomAffine:
    """Rotate and scale images and their heatmaps alike.

    Per sample the scale is ``clip(1 + scale N, 1 - scale, 1 + scale)``, and with
    probability ``rotation_prob`` the angle ``clip(rotation N, -2 rotation,
    2 rotation)``, else 0. A scale above 1 shrinks the person.

    Args:
        scale: Spread of the scale, a share in [0, 1).
        rotation: Spread of the angle, degrees.
        rotation_prob: Probability of rotating at all, in [0, 1].
        aspect_correct: ``False`` turns in coordinates that go from -1 to 1 along each
            side, as published: in a crop that is not square the picture is sheared.
            ``True`` turns in pixels.

    Source: second affine of PoseCons and PoseDual, ICCV 2021. Cells of a heatmap and
    the pixels they stand for turn about centres that differ by 1.5 px, as published.
    """

    def __init__(
        self,
        scale: float = 0.25,
        rotation: float = 30.0,
        rotation_prob: float = 0.8,
        aspect_correct: bool = False,
    ) -> None:
        self.scale, self.rotation = scale, rotation
        self.rotation_prob, self.aspect_correct = rotation_prob, aspect_correct

    def draw(self, batch: Batch, generator: torch.Generator | None = None) -> Tensor:
        """Draw (B, 2, 3) sampling matrices, see :meth:`matrix`."""
        count, device = len(batch.inputs), batch.inputs.device
        scale, angle = torch.randn(
            2, count, generator=generator, device=device, dtype=torch.double
        )
        gate = torch.rand(count, generator=generator, device=device)
        scale = (1 + self.scale * scale).clamp(1 - self.scale, 1 + self.scale)
        limit = 2 * self.rotation
        angle = (self.rotation * angle).clamp(-limit, limit)
        angle = torch.where(gate <= self.rotation_prob, angle, 0.0)
        return self.matrix(scale, angle, batch.view.size)

    def matrix(self, scale: Tensor, angle: Tensor, size: tuple[int, int]) -> Tensor:
        """Sampling matrices: normalised output -> normalised input coordinates.

        Args:
            scale: (B,) factors.
            angle: (B,) degrees.
            size: (w, h) of the images in pixels.

        Returns:
            (B, 2, 3) float64.
        """
        cos, sin = (scale * f(angle * (math.pi / 180)) for f in (torch.cos, torch.sin))
        ratio = size[1] / size[0] if self.aspect_correct else 1.0
        zero = torch.zeros_like(cos)
        rows = [cos, sin * ratio, zero, -sin / ratio, cos, zero]
        return torch.stack(rows, 1).view(-1, 2, 3)


def warp_normalised(maps: Tensor, matrix: Tensor) -> Tensor:
    """Resample (B, C, h, w) maps bilinearly, with zeros outside.

    Args:
        maps: Images or heatmaps.
        matrix: (B, 2, 3), normalised output -> normalised input coordinates; -1 and 1
            are the outer edges of the first and the last pixel.
    """
    grid = F.affine_grid(matrix, list(maps.shape), align_corners=False)
    return F.grid_sample(maps, grid.to(maps), align_corners=False)


def warp_batch(batch: Batch, matrix: Tensor) -> Batch:
    """Resample the images of a batch, and note it in their view."""
    view = View(_pixels(matrix, batch.view.size) @ batch.view.matrix, batch.view.size)
    return replace(batch, inputs=warp_normalised(batch.inputs, matrix), view=view)


def _pixels(matrix: Tensor, size: tuple[int, int]) -> Tensor:
    """(B, 3, 3) input pixels -> output pixels of a sampling matrix."""
    w, h = size
    shares = [2 / w, 0, 1 / w - 1, 0, 2 / h, 1 / h - 1, 0, 0, 1]
    half = on_device(shares, matrix).view(1, 3, 3).expand(len(matrix), -1, -1)
    sampling = torch.cat([matrix, half[:, 2:]], 1)
    return invert_affine(half) @ invert_affine(sampling) @ half
