"""Segmentation of one class by a network that gives one number per pixel."""

import torch
from torch import Tensor, nn

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.seg import SegTask


@TASK_UTILS.register_module()
class OneClassTask(SegTask):
    """Adapter for segmentors of mmseg with ``out_channels=1`` and ``num_classes=2``.

    The network gives z, of which ``sigmoid(z)`` is the probability of class 1. The
    softmax of (0, z) is just that, so with a map of zeros in front everything else,
    labels, targets, views and losses, is as of two classes.

    Args:
        network: The built segmentor.
        kwargs: As of ``SegTask``.

    Raises:
        TypeError: The head gives another number of maps than one.
    """

    name = 'one-class'

    def __init__(self, network: nn.Module, **kwargs) -> None:
        given = getattr(getattr(network, 'decode_head', None), 'out_channels', None)
        if given != 1:
            raise TypeError(
                f'OneClassTask needs a decode_head with out_channels=1, got {given}: '
                'networks of several classes take ssltoolbox.SegTask'
            )
        super().__init__(TwoMaps(network), **kwargs)

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        """Logits (B, 2, h, w), the first of them 0."""
        logit = network(batch.inputs, batch.samples, mode='tensor')
        return torch.cat([torch.zeros_like(logit), logit], 1)


class TwoMaps:
    """What :class:`SegTask` asks of a network, as if it had two maps."""

    def __init__(self, network: nn.Module) -> None:
        self.align_corners, self.decode_head = network.align_corners, self
        self.out_channels = 2
