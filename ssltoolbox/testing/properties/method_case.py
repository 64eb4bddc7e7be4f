"""Steps of a method on a tiny task."""

import copy
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.wrapper import SemiSupervisedModel
from ssltoolbox.testing.tiny import TinyTask

LENGTH = 100_000
"""Iterations of the training that the steps are taken from."""


@dataclass(frozen=True)
class Step:
    """What one step made.

    Attributes:
        model: The model after the step.
        data: The batch after the step.
        before: The batch before it.
        losses: What the method returned.
        weights: State of the teacher before it.
        gradients: Of the parameters of student and teacher, by their names.
    """

    model: SemiSupervisedModel
    data: dict[str, Any]
    before: dict[str, Any]
    losses: dict[str, Tensor]
    weights: dict[str, Tensor]
    gradients: dict[str, Tensor]


@dataclass(frozen=True)
class MethodCase:
    """A method on a task.

    Attributes:
        method: Config of the method.
        tiny: The task.
        teacher: Config of the teacher, or None.
    """

    method: Mapping[str, Any]
    tiny: TinyTask
    teacher: Mapping[str, Any] | None

    @cached_property
    def model(self) -> SemiSupervisedModel:
        """The model, whose teacher is not quite the student; steps work on copies."""
        torch.manual_seed(0)
        model = MODELS.build(
            dict(
                type='ssltoolbox.SemiSupervisedModel',
                student=self.tiny.network,
                task=self.tiny.task,
                method=dict(self.method),
                teacher=self.teacher and dict(self.teacher),
            )
        )
        if model.teacher is not None:
            model.teacher.reset(model.student)
            with torch.no_grad():
                for weight in model.teacher.parameters():
                    weight.add_(0.02 * torch.randn_like(weight))
        return model.train()

    def batch(self, labelled: int = 2, known: bool = True) -> dict[str, Any]:
        """Views as the model gets them; see :class:`TinyTask`."""
        made = self.tiny.batch(self.model.method.views, labelled, known)
        return self.model.data_preprocessor(made, training=True)

    @cached_property
    def scratch(self) -> SemiSupervisedModel:
        """A copy for steps of which only the losses matter."""
        return self.copy()

    def copy(self) -> SemiSupervisedModel:
        """A model on its own, whose adapter and method refer to its own networks."""
        return copy.deepcopy(self.model)

    def losses(
        self,
        model: SemiSupervisedModel,
        data: dict[str, Any],
        share: float = 0.5,
        half: bool = False,
    ) -> dict[str, Tensor]:
        """Losses of a model on a batch, under a fixed seed.

        Args:
            model: A copy.
            data: A batch.
            share: How much of the training is over.
            half: Whether under autocast to bfloat16.
        """
        now = round(share * LENGTH)
        model.progress = Progress(now, now // 1000, LENGTH, LENGTH // 1000)
        context = torch.autocast('cpu', torch.bfloat16) if half else nullcontext()
        with seeded(1), context:
            return model(**data, mode='loss')

    def step(self, **batch: Any) -> Step:
        """Take a step, after which gradients are known; see :meth:`batch`."""
        model, data = self.copy(), self.batch(**batch)
        before = copy.deepcopy(data)
        if model.teacher is not None:
            # it must be the method that keeps the gradient from the teacher
            model.teacher.requires_grad_()
        weights = {} if model.teacher is None else model.teacher.state_dict()
        weights = {name: value.clone() for name, value in weights.items()}
        losses = self.losses(model, data)
        total = sum(value for key, value in losses.items() if 'loss' in key)
        if isinstance(total, Tensor) and total.requires_grad:
            total.backward()
        gradients = {
            name: weight.grad
            for name, weight in model.named_parameters()
            if weight.grad is not None
        }
        return Step(model, data, before, losses, weights, gradients)

    @cached_property
    def usual(self) -> Step:
        """A step on labelled and unlabelled images, in the middle of the training."""
        return self.step()

    def on(self, device: str) -> tuple[SemiSupervisedModel, dict[str, Any]]:
        """A model and a batch on a device; data samples stay where they are."""
        data = self.batch()
        inputs = {name: each.to(device) for name, each in data['inputs'].items()}
        return self.copy().to(device), data | {'inputs': inputs}
