"""Bottom-up 2D pose of any number of instances: maps of joints and connections."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.codecs.mirror import mirror_channels
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.gather import gather, to_device


@TASK_UTILS.register_module()
class BottomupPoseTask(Task):
    """Adapter between methods and estimators that draw all instances in one map.

    Labels are the maps themselves, (B, C, h, w) with C joints and connections, for the
    number of instances differs from image to image, and is known to the host only.
    They are rendered on the device of the network. So a decoded label is the soft one,
    and moves between views as a map does. In a mirrored view left and right joints,
    and connections of them, have exchanged channels, as far as ``flip_indices`` of
    the samples exchange joints.

    Args:
        network: The built estimator. The decoder of its head is the codec, such as
            ``ssltoolbox.JointConnectionMaps``: ``render(points (B, N, K, 2), visible
            (B, N, K)) -> (B, C, h, w)``, with ``num_joints``, ``connections``,
            ``heatmap_size`` (w, h) and ``grid``.

    Raises:
        TypeError: The network has no such codec.
    """

    name = 'bottomup_pose'

    def __init__(self, network: nn.Module) -> None:
        codec = getattr(getattr(network, 'head', None), 'decoder', None)
        if not hasattr(codec, 'render'):
            raise TypeError(
                f'the head of {type(network).__name__} has no decoder that renders '
                f'batches of instances (decoder: {type(codec).__name__}): use '
                "head=dict(..., decoder=dict(type='ssltoolbox.JointConnectionMaps', "
                '...)), or ssltoolbox.PoseTask for one instance per image'
            )
        self.codec, self.grid = codec, codec.grid

    def batch(self, inputs: Tensor, samples: list) -> Batch:
        """Gather a view; ``flip_indices`` (C,) are those of channels, joints first."""
        joints = samples[0].metainfo['flip_indices']
        channels = mirror_channels(joints, self.codec.connections)
        return gather(inputs, samples, channels)

    def label(self, batch: Batch) -> PseudoLabel:
        """Stored pseudo maps where a sample has them, else its keypoints, drawn.

        The weight is 1 everywhere in an image that is labelled or has pseudo maps,
        also around the image: there is nothing to find there. In others it is 0.
        """
        stored = [self._stored(sample) for sample in batch.samples]
        tables = [
            np.concatenate(
                [
                    sample.gt_instances.transformed_keypoints,
                    sample.gt_instances.keypoints_visible[..., None],
                ],
                -1,
            )
            for sample in batch.samples
        ]
        table = self._pad(tables, batch)
        maps = self.codec.render(table[..., :2], table[..., 2])
        if any(each is not None for each in stored):
            rows = zip(maps, stored, strict=True)
            maps = torch.stack([
                drawn if kept is None else kept.to(drawn, non_blocking=True)
                for drawn, kept in rows
            ])  # fmt: skip
        known = [each is not None for each in stored]
        has_maps = torch.tensor(known).to(maps.device, non_blocking=True)
        return _dense(maps, has_maps | batch.labelled, batch)

    def truth(self, batch: Batch) -> PseudoLabel:
        """Hidden keypoints of the images, drawn, where the data set knows them."""
        hidden = [sample.metainfo.get('truth') for sample in batch.samples]
        nobody = np.zeros((0, self.codec.num_joints, 3), np.float32)
        table = self._pad([nobody if t is None else t for t in hidden], batch)
        visible = table[..., 2]
        points = batch.view.apply(table[..., :2].flatten(1, 2)).float()
        points = points.view_as(table[..., :2])
        partners = batch.flip_indices[: self.codec.num_joints]
        mirrored = batch.view.mirrored[:, None, None]
        points = torch.where(mirrored[..., None], points[:, :, partners], points)
        visible = torch.where(mirrored, visible[:, :, partners], visible)
        known = torch.tensor([t is not None for t in hidden])
        known = known.to(points.device, non_blocking=True)
        return _dense(self.codec.render(points, visible), known, batch)

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        """Maps (B, C, h, w)."""
        return network(batch.inputs, batch.samples, mode='tensor')

    def decode(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        """The maps as they are, see the class."""
        return self.soft(raw, batch)

    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:  # noqa: D102
        return self.carry(label, batch)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        """Maps (B, C, h, w) and weights (B, 1, h, w), as they are."""
        return label.value, label.weight

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Squared error, a mean over all entries.

        Raises:
            ValueError: Maps and targets differ in size.
        """
        if raw.shape != target.shape:
            raise ValueError(
                f'the network gives maps {tuple(raw.shape[1:])} (C, h, w), but the '
                f'targets are {tuple(target.shape[1:])}: set heatmap_size, num_joints '
                'and connections of the codec accordingly'
            )
        return ((raw.float() - target).square() * weight).mean()

    def _stored(self, sample) -> Tensor | None:
        """Pseudo maps (C, h, w) of a sample, in its view."""
        maps = getattr(getattr(sample, 'gt_fields', None), 'pseudo_maps', None)
        width, height = self.codec.heatmap_size
        channels = self.codec.num_joints + len(self.codec.connections)
        wanted = (channels, height, width)
        if maps is not None and tuple(maps.shape) != wanted:
            raise ValueError(
                f'pseudo_maps of {sample.metainfo.get("img_path", "an image")} have '
                f'shape {tuple(maps.shape)}, but the codec draws {wanted}: they were '
                'made by another network or at another size. Run the stage that '
                'makes them again with this config'
            )
        return maps

    def _pad(self, tables: Sequence[np.ndarray], batch: Batch) -> Tensor:
        """Instances (N, K, 3) of each image in one table (B, N, K, 3), N at least 1."""
        longest = max(1, *(len(table) for table in tables))
        rows = np.zeros((len(tables), longest, self.codec.num_joints, 3), np.float32)
        for row, table in zip(rows, tables, strict=True):
            row[: len(table)] = table
        return to_device(rows, batch.inputs)


def _dense(maps: Tensor, known: Tensor, batch: Batch) -> PseudoLabel:
    known = known.to(maps)
    weight = known.view(-1, 1, 1, 1).expand_as(maps[:, :1])
    return PseudoLabel(maps, weight, known, batch.view)
