"""The contract between a method and the model that runs it."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task


class Method(ABC):
    """One published method: the loss of a step, from the views of a batch.

    The model binds the networks and the task, and sets ``progress`` before each
    iteration. A method holds no weights of its own.

    Attributes:
        tasks: Names of the tasks it can run on; none: on any.
        views: Branches of the data pipeline that it needs.
        needs_teacher: Whether the model must have one.
        student: The network that learns.
        teacher: The network that teaches, or None.
        task: The task adapter.
        progress: Position in the training.
        report: What the last step did, for hooks; see :meth:`loss`.
    """

    tasks: tuple[str, ...] = ()
    views: tuple[str, ...] = ('weak', 'strong')
    needs_teacher = True

    student: nn.Module
    teacher: nn.Module | None
    task: Task

    def __init__(self) -> None:
        self.progress = Progress()
        self.report: dict = {}

    def bind(self, student: nn.Module, teacher: nn.Module | None, task: Task) -> None:
        """Connect the method with the networks it trains.

        Raises:
            ValueError: The task does not suit the method, or the teacher is missing.
        """
        name = type(self).__name__
        if self.tasks and task.name not in self.tasks:
            raise ValueError(
                f'{name} runs on {", ".join(self.tasks)}, not on {task.name!r}: choose '
                'another method or task'
            )
        if self.needs_teacher and teacher is None:
            raise ValueError(
                f'{name} needs a teacher: add teacher='
                "dict(type='ssltoolbox.EMATeacher') to the model"
            )
        self.student, self.teacher, self.task = student, teacher, task

    @abstractmethod
    def loss(self, views: dict[str, Batch]) -> dict[str, Tensor]:
        """Losses and diagnostics of one step.

        Keys that contain ``loss`` are summed and minimised; other keys are only
        logged. Sets ``report``, which hooks measure and draw: the PseudoLabels
        ``label`` and ``relabel`` (in the strong view) and ``teacher`` (in any view),
        the masks ``kept`` and ``relabelled`` (B, K), and ``rates``: what the ramps ask
        for now, ``kept`` as a share and loss terms by their key; ``views`` where they
        are not those of the batch; ``maxima``, which
        ``CollapseMonitorHook`` watches. Each may be left out.
        """

    def tell(
        self,
        label: PseudoLabel,
        teacher: PseudoLabel | None = None,
        kept: Tensor | None = None,
        views: dict[str, Batch] | None = None,
        **rates: float,
    ) -> None:
        """Set ``report`` where no label is made anew.

        Args:
            label: In the view ``strong``.
            teacher: The teacher's prediction, in the view that it saw.
            kept: What is taught of the label, bool; by default all that has weight.
            views: As in the report, where they are not those of the batch.
            rates: What the ramps ask for now, by the key of the loss.
        """
        if kept is None:
            kept, rates = label.weight != 0, {'kept': 1.0, **rates}
        self.report = {
            'label': label,
            'kept': kept,
            'relabel': label,
            'relabelled': torch.zeros_like(kept),
            'rates': rates,
        }
        if teacher is not None:
            self.report['teacher'] = teacher
        if views is not None:
            self.report['views'] = views
