"""A task adapter, its batch, and raw output that says what the labels say."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ssltoolbox.geometry.view import View, change_matrix
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.testing.tiny import TinyTask

Answer = Callable[[PseudoLabel, Tensor], Tensor]


@dataclass
class TaskCase:
    """What the properties of a task look at.

    Attributes:
        tiny: Network, adapter and batches.
        says: Raw output that says what a label says, see ``check_task_adapter``.
    """

    tiny: TinyTask
    says: Answer | None = None

    def __post_init__(self) -> None:
        self.network: nn.Module
        self.task: Task
        self.network, self.task = self.tiny.built()
        self.network.eval()

    def batch_of(self, labelled: int = 2, known: bool = True) -> Batch:
        """One view, in which nothing is random; see :class:`TinyTask`."""
        data = self.tiny.batch(('plain',), labelled, known)
        one = {key: parts['plain'] for key, parts in data.items()}
        config = self.tiny.network['data_preprocessor']
        done = MODELS.build(config)(one, training=True)
        return self.task.batch(done['inputs'], done['data_samples'])

    @cached_property
    def batch(self) -> Batch:
        """Images of which all have a label; ``before`` is how they were."""
        made = self.batch_of(labelled=10**6)
        self.before: Any = copy.deepcopy((made.inputs, made.samples))
        return made

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.batch.inputs)

    @cached_property
    def label(self) -> PseudoLabel:
        """Labels of the batch."""
        return self.task.label(self.batch)

    @cached_property
    def raw(self) -> Tensor:
        """What the untrained network says, detached."""
        return self.task.forward(self.network, self.batch).detach()

    @cached_property
    def answer(self) -> Tensor:
        """Raw output that says what the labels say."""
        if self.says is not None:
            return self.says(self.label, self.raw)
        target = self.task.target(self.label)[0]
        if target.shape == self.raw.shape and target.is_floating_point():
            return target
        if target.is_floating_point():
            raise TypeError(
                f'the target is {tuple(target.shape)} and raw output '
                f'{tuple(self.raw.shape)}: pass answer=, a function that gives raw '
                'output for a label'
            )
        classes = F.one_hot(target, self.raw.shape[1]).movedim(-1, 1)
        return 10 * classes.to(self.raw)

    @cached_property
    def soft(self) -> PseudoLabel:
        """The answer as a dense target."""
        return self.task.soft(self.answer, self.batch)

    def elsewhere(self, **change: Any) -> Batch:
        """The same images in a view that is changed by ``change_matrix``."""
        view = self.batch.view
        moved = torch.from_numpy(change_matrix(view.size, **change))
        return replace(self.batch, view=View(moved @ view.matrix, view.size))

    def seen(self, label: PseudoLabel) -> PseudoLabel:
        """A label in another view, with weight only where it is inside of it."""
        weight = self.task.target(label)[1]
        if weight.shape != label.weight.shape:
            return label
        if _are_points(label):
            # what is drawn of a point beyond the border has its peak at the border
            last = weight.new_tensor(label.view.size) - 1
            near = (label.value >= 0) & (label.value <= last)
            weight = weight * near.all(-1)
        return label.reweighted(weight)

    def apart(
        self, found: PseudoLabel, expected: PseudoLabel, near: float | None = None
    ) -> str | None:
        """Say how far a label is from what it should be, where that has weight.

        Keypoints may be a cell of the raw output away, or ``near`` pixels; a tenth of
        the pixels may have another class; maps may differ by a tenth of their range.
        """
        weight, value = expected.weight > 0, expected.value
        if found.value.shape != value.shape:
            return f'shape {tuple(found.value.shape)} in place of {tuple(value.shape)}'
        if not weight.any():
            return None
        if not value.is_floating_point():
            other = (found.value != value)[weight].float().mean().item()
            return (
                f'{other:.0%} of the pixels have another class' if other > 0.1 else None
            )
        gap = (found.value - value).double()
        if _are_points(expected):
            cell = self.batch.view.size[0] / self.raw.shape[-1]
            far = gap.norm(dim=-1)[weight].max().item()
            limit = 1.5 * cell if near is None else near
            return f'a keypoint is {far:.2g} px away' if far > limit else None
        inside = weight.expand_as(value)
        largest = value[inside].abs().max().item()
        mean = gap.abs()[inside].mean().item()
        limit = (
            0.1 * value[inside].abs().mean().item() if near is None else near * largest
        )
        return f'maps differ by {mean:.2g} of {largest:.2g}' if mean > limit else None


def _are_points(label: PseudoLabel) -> bool:
    return label.value.ndim == 3 and label.value.shape[-1] == 2
