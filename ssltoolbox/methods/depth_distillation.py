"""A depth network learns from another one (Liu et al., CARE 2018, second stage)."""

from typing import Any

import torch
from torch import Tensor

from ssltoolbox.methods.base import Method
from ssltoolbox.registry import MODELS, TASK_UTILS


@TASK_UTILS.register_module()
class DepthDistillation(Method):
    r"""The student predicts what the teacher predicts, on both frames of a pair.

    ``L = 1/2 sum_{i = 1, 2} d(|S(x_i)|, |T(x_i)|)`` with the distance of logarithms d,
    over the valid pixels. Both see the same frame, equally augmented. The teacher is a
    frozen one, such as the network of an earlier stage.

    Args:
        distance: Config of the loss, by default
            :class:`~ssltoolbox.losses.sparse_depth.ScaleInvariantLoss` as published,
            with which the student learns the unit of the teacher's depth, too.

    Source: the three-stage program of Liu et al., CARE 2018.
    """

    tasks = ('depth',)
    views = ('first', 'second')

    def __init__(self, distance: dict | None = None) -> None:
        super().__init__()
        self.distance = MODELS.build(
            distance or dict(type='ssltoolbox.ScaleInvariantLoss')
        )

    def loss(self, views: dict[str, Any]) -> dict[str, Tensor]:
        """Distance from the teacher."""
        parts = []
        for name in self.views:
            frame = views[name]
            ours = self.task.forward(self.student, frame).float()
            with torch.no_grad():
                theirs = self.task.forward(self.teacher, frame).float()
            parts.append(self.distance(ours, theirs, frame.valid).mean())
        # hooks see the second frame
        label = self.task.decode(theirs, frame).reweighted(frame.valid)
        self.tell(label, label, views={'strong': frame})
        return {'loss_distillation': 0.5 * sum(parts)}
