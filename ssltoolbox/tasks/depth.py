"""Monocular depth: any network that gives one positive map."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.geometry.camera import Motion
from ssltoolbox.losses.depth_scale import scale_to_sparse
from ssltoolbox.losses.per_sample import sum_per_sample
from ssltoolbox.losses.sparse_depth import ScaleInvariantLoss
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.gather import gather, to_device


@dataclass(frozen=True)
class SfmBatch(Batch):
    """Frames, and what structure from motion knows of them.

    Attributes:
        valid: (B, 1, H, W), 1 where a pixel shows the scene.
        depth: (B, 1, H, W) of points, 0 elsewhere.
        depth_weight: (B, 1, H, W).
        flow: (B, 2, H, W) of points, to the other frame.
        flow_weight: (B, 1, H, W).
        found_weight: (B, 1, H, W), of points found in the very frame.
        intrinsics: (B, 3, 3).
        motion: To the camera of the other frame.
        sequence: (B,) int64, number of the sequence.
    """

    valid: Tensor | None = None
    depth: Tensor | None = None
    depth_weight: Tensor | None = None
    flow: Tensor | None = None
    flow_weight: Tensor | None = None
    found_weight: Tensor | None = None
    intrinsics: Tensor | None = None
    motion: Motion | None = None
    sequence: Tensor | None = None


@TASK_UTILS.register_module()
class DepthTask(Task):
    """Adapter between methods and networks that predict depth.

    Raw output is depth (B, 1, H, W), positive, in a unit that the network chooses. It
    is compared in the logarithm, after a prediction was brought to the scale of sparse
    points where those are its label.

    Args:
        network: The built network, such as ``ssltoolbox.DepthEstimator``.
        mean_factor: See :class:`~ssltoolbox.losses.sparse_depth.ScaleInvariantLoss`, by
            which outputs are matched; -1 is blind to the scale.
    """

    name = 'depth'
    grid = 'areas'

    def __init__(self, network: nn.Module, mean_factor: float = -1.0) -> None:
        self.distance = ScaleInvariantLoss(mean_factor)

    def batch(self, inputs: Tensor, samples: list) -> SfmBatch:
        """Gather frames and their maps.

        Raises:
            ValueError: Frames of one batch have windows of different sizes.
        """
        plain = gather(inputs, samples)
        sizes = {tuple(sample.sparse.data.shape[-2:]) for sample in samples}
        if sizes != {tuple(inputs.shape[-2:])}:
            raise ValueError(
                f'frames of one batch have windows of {sorted(sizes)} (h, w): give the '
                'data sets a common size=(w, h)'
            )
        sparse = torch.stack([each.sparse.data for each in samples]).to(
            inputs.device, non_blocking=True
        )
        valid = torch.stack([each.valid.data for each in samples]).to(
            inputs.device, non_blocking=True
        )
        meta = [sample.metainfo for sample in samples]
        k, rotation, translation = (
            to_device([m[key] for m in meta], inputs)
            for key in ('intrinsics', 'rotation', 'translation')
        )
        # points are no person's labels, unless the data set says so
        labelled = torch.tensor([bool(m.get('labelled', False)) for m in meta])
        numbers = torch.from_numpy(np.array([m['sequence'] for m in meta]))
        depth, depth_weight, flow, flow_weight, found = sparse.split([1, 1, 2, 1, 1], 1)
        return SfmBatch(
            inputs,
            samples,
            plain.view,
            labelled.to(inputs.device, non_blocking=True),
            None,
            valid=valid,
            depth=depth,
            depth_weight=depth_weight,
            flow=flow,
            flow_weight=flow_weight,
            found_weight=found,
            intrinsics=k,
            motion=Motion(rotation, translation),
            sequence=numbers.to(inputs.device, non_blocking=True),
        )

    def label(self, batch: Any) -> PseudoLabel:
        """Depth (B, 1, H, W) of the points, and its weight."""
        return PseudoLabel(
            batch.depth, batch.depth_weight, batch.depth_weight, batch.view
        )

    def truth(self, batch: Any) -> PseudoLabel:
        """Dense depth of rendered frames; weight 0 where there is none."""
        maps = [
            each.truth.data if 'truth' in each else torch.zeros_like(each.valid.data)
            for each in batch.samples
        ]
        truth = torch.stack(maps).to(batch.inputs.device, non_blocking=True)
        weight = (truth > 0) * batch.valid
        return PseudoLabel(truth, weight, weight, batch.view)

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        """Depth (B, 1, H, W), positive."""
        return network(batch.inputs, batch.samples, mode='tensor')

    def decode(self, raw: Tensor, batch: Batch) -> PseudoLabel:  # noqa: D102
        depth = raw.detach().float()
        return PseudoLabel(
            depth, torch.ones_like(depth), torch.ones_like(depth), batch.view
        )

    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        """Move depth to another view of the same frame."""
        return self.carry(label, batch)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        """Depth (B, 1, H, W) and weights, as they are."""
        return label.value, label.weight

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Mean difference of logarithms at the points, after scaling to them."""
        depth = scale_to_sparse(raw.float(), target, weight).depth
        gap = ((depth + 1e-8).log() - (target + 1e-8).log()).abs() * weight
        return (sum_per_sample(gap) / (1 + sum_per_sample(weight))).mean()

    def match(self, raw: Tensor, label: PseudoLabel) -> Tensor:
        """Distance of logarithms, blind to the scale by default."""
        mask = (label.weight > 0).to(raw)
        return self.distance(raw.float(), label.value, mask).mean()
