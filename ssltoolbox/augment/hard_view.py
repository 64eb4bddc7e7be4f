"""The hard view of an image, made from its easy view on the device."""

from dataclasses import replace

import torch
from torch import Tensor

from ssltoolbox.augment.random_affine import warp_batch, warp_normalised
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class HardView:
    """Joint Cutout, then a second rotation and scale.

    Args:
        affine: Config of the second affine, None leaves the geometry as it is.
        cutout: Config of the cutout, None hides nothing.

    Source: hard augmentation of PoseCons and PoseDual, ICCV 2021.
    """

    def __init__(self, affine: dict | None, cutout: dict | None = None) -> None:
        self.affine = TASK_UTILS.build(affine) if affine else None
        self.cutout = TASK_UTILS.build(cutout) if cutout else None

    @torch.no_grad()
    def __call__(
        self,
        batches: list[Batch],
        maps: list[Tensor],
        among: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[list[Batch], list[Tensor]]:
        """Make the batches harder, and move heatmaps along.

        Args:
            batches: The same easy views, one per network that learns.
            maps: For each, the heatmaps (B, K, h, w) it shall learn from; their
                keypoints are cut at.
            among: Indices of the keypoints to cut at; all by default.
            generator: Of the images' device; the device's own by default.

        Returns:
            Batches and heatmaps in one common hard view.
        """
        if self.cutout is not None:
            batches = [
                replace(batch, inputs=self.cutout(batch.inputs, seen, among, generator))
                for batch, seen in zip(batches, maps, strict=True)
            ]
        if self.affine is None:
            return batches, maps
        matrix = self.affine.draw(batches[0], generator)
        return (
            [warp_batch(batch, matrix) for batch in batches],
            [warp_normalised(each, matrix) for each in maps],
        )
