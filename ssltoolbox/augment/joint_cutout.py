"""Joint Cutout: hide squares around predicted keypoints, on the device."""

import torch
from torch import Tensor

from ssltoolbox.registry import TASK_UTILS


@TASK_UTILS.register_module()
class JointCutout:
    """Hide rectangles around keypoints, so that the rest of the body must tell.

    ``num`` keypoints are drawn with replacement. The centre of each rectangle is off
    by ``jitter`` N px, its half sides are drawn evenly and apart. Hidden pixels are 0
    after normalisation, the mean colour.

    Args:
        num: Rectangles per image, positive.
        half_size: Half a side in px: from the first number, below the second.
        jitter: Spread of the centre in px.
        legacy_clamp: Hide nothing below row W and right of column H, as the published
            program does by mistake.

    Source: PoseCons and PoseDual, ICCV 2021.
    """

    def __init__(
        self,
        num: int = 5,
        half_size: tuple[int, int] = (10, 20),
        jitter: float = 10.0,
        legacy_clamp: bool = False,
    ) -> None:
        if num < 1 or not 0 < half_size[0] < half_size[1]:
            raise ValueError(
                f'num and half_size are positive and half_size grows, got {num} and '
                f'{tuple(half_size)}'
            )
        self.num, self.half_size = num, tuple(half_size)
        self.jitter, self.legacy_clamp = jitter, legacy_clamp

    def __call__(
        self,
        images: Tensor,
        maps: Tensor,
        among: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Hide rectangles.

        Args:
            images: (B, C, H, W), normalised.
            maps: (B, K, h, w) heatmaps of the images; their highest cells are the
                keypoints.
            among: Indices of the keypoints to draw from; all K by default.
            generator: Of the images' device; the device's own by default.

        Returns:
            (B, C, H, W).
        """
        if among is not None:
            maps = maps[:, among]
        points = _highest(maps, images.shape[-2:])
        draws = self.draw(points, generator)
        return images * self.keep_mask(points, *draws, images.shape[-2:])

    def draw(
        self, points: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw ``noise``, ``half`` and ``chosen`` of :meth:`keep_mask`."""
        options = dict(generator=generator, device=points.device)
        return (
            torch.randn(points.shape, **options),
            torch.randint(*self.half_size, points.shape, **options),
            torch.randint(points.shape[1], (len(points), self.num), **options),
        )

    def keep_mask(
        self, points: Tensor, noise: Tensor, half: Tensor, chosen: Tensor, shape
    ) -> Tensor:
        """Mask (B, 1, H, W), False where hidden.

        Args:
            points: (B, K, 2) in px.
            noise: (B, K, 2) standard normal numbers.
            half: (B, K, 2) half sides in px.
            chosen: (B, n) indices into K.
            shape: (H, W).
        """
        height, width = shape
        index = chosen.unsqueeze(-1).expand(-1, -1, 2)
        centre = (points + self.jitter * noise).trunc().gather(1, index).unsqueeze(-1)
        half = half.gather(1, index).unsqueeze(-1)

        def inside(axis: int, length: int, limit: int) -> Tensor:
            cells = torch.arange(length, device=points.device)
            start, end = (centre + sign * half for sign in (-1, 1))
            hit = (cells >= start[:, :, axis]) & (cells < end[:, :, axis])
            return hit & (cells < limit) if self.legacy_clamp else hit

        columns, rows = inside(0, width, height), inside(1, height, width)
        return ~(rows.unsqueeze(-1) & columns.unsqueeze(-2)).any(1, keepdim=True)


def _highest(maps: Tensor, shape) -> Tensor:
    """Pixels (B, K, 2) of the highest cells, of negative maps too."""
    height, width = maps.shape[-2:]
    index = maps.flatten(2).argmax(-1)
    cells = index % width * (shape[1] / width), index // width * (shape[0] / height)
    return torch.stack(cells, -1)
