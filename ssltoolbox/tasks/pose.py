"""Top-down 2D pose with heatmaps: any mmpose estimator with an MSRA or UDP codec."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.codecs.batched_heatmap import BatchedHeatmapCodec
from ssltoolbox.geometry.view import project_points
from ssltoolbox.models.pose_ensemble import predict_together
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.gather import gather, to_device


@TASK_UTILS.register_module()
class PoseTask(Task):
    """Adapter between methods and mmpose's heatmap estimators.

    Labels are keypoints (B, K, 2) in pixels of their view. Decoding, projection and
    rendering are tensor operations on the device of the network.

    Args:
        network: The built estimator; its head's decoder is the codec.
        loss: Loss config, ``forward(heatmaps, target, weight)``.
        refine: Move decoded peaks a quarter cell towards the higher neighbour, as at
            test time. Published methods take whole cells; with coarse heatmaps the
            rounding alone can spoil a label.
    """

    name = 'pose'

    def __init__(
        self, network: nn.Module, loss: dict | None = None, refine: bool = False
    ) -> None:
        decoder = getattr(getattr(network, 'head', None), 'decoder', None)
        if decoder is None:
            raise TypeError(
                f'{type(network).__name__} has no head with a decoder: PoseTask needs '
                'an mmpose heatmap head, such as '
                "head=dict(type='HeatmapHead', decoder=codec)"
            )
        self.codec = BatchedHeatmapCodec(decoder)
        self.grid, self.refine = self.codec.grid, refine
        self.criterion = MODELS.build(loss or dict(type='ssltoolbox.JointsMSELoss'))

    def batch(self, inputs: Tensor, samples: list) -> Batch:  # noqa: D102
        return gather(inputs, samples, samples[0].metainfo['flip_indices'])

    def label(self, batch: Batch) -> PseudoLabel:  # noqa: D102
        points = [s.gt_instances.transformed_keypoints[0] for s in batch.samples]
        weight = [s.gt_instances.keypoints_visible[0] for s in batch.samples]
        value, weight = (to_device(rows, batch.inputs) for rows in (points, weight))
        return PseudoLabel(value, weight, weight, batch.view)

    def truth(self, batch: Batch) -> PseudoLabel:
        """Hidden keypoints of the images, where the data set knows them."""
        unknown = np.zeros((len(batch.flip_indices), 3), np.float32)
        rows = [s.metainfo.get('truth', unknown) for s in batch.samples]
        table = to_device(rows, batch.inputs)
        value = batch.view.apply(table[..., :2]).float()
        weight = table[..., 2]
        mirrored = batch.view.mirrored
        value = torch.where(
            mirrored[:, None, None], value[:, batch.flip_indices], value
        )
        weight = torch.where(mirrored[:, None], weight[:, batch.flip_indices], weight)
        return PseudoLabel(value, weight, weight, batch.view)

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        """Heatmaps (B, K, h, w)."""
        return network(batch.inputs, batch.samples, mode='tensor')

    def decode(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        """Peaks of the heatmaps; the weight of each is 1."""
        points, scores = self.codec.decode(raw.detach(), self.refine)
        return PseudoLabel(points, torch.ones_like(scores), scores, batch.view)

    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:  # noqa: D102
        points = project_points(label.value, label.view, batch.view, batch.flip_indices)
        swap = (label.view.mirrored != batch.view.mirrored)[:, None]
        weight, score = (
            torch.where(swap, value[:, batch.flip_indices], value)
            for value in (label.weight, label.score)
        )
        return replace(label, value=points, weight=weight, score=score, view=batch.view)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, K, h, w), and weights (B, K), 0 outside the view."""
        return self.codec.encode(label.value, label.weight)

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:  # noqa: D102
        return self.criterion(raw.float(), target, weight)

    def predict_together(self, networks: list, inputs: Tensor, samples: list):  # noqa: D102
        return predict_together(networks, inputs, samples)
