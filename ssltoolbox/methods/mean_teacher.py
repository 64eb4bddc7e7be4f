"""Mean teacher: the student agrees with its own average (Tarvainen & Valpola, 2017)."""

import torch
from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class MeanTeacher(ConsistencyMethod):
    r"""Raw outputs of the student match those of an averaged teacher on all images.

    With student f on the view x, teacher g on the view x', and A from x' to x:

       ``L = L_sup + lambda(t) mean (f(x) - A g(x'))^2``,

    as :meth:`Task.match` compares outputs of the task. ``g`` carries no gradient.

    Args:
        consistency: Ramp of lambda; by default 0.1 after a sigmoid ramp of 20000
            iterations, as published.
        teacher_view: ``'weak'``: the teacher sees a view of its own; ``'strong'``:
            that of the student, as in the published program for instruments, where
            only dropout and the average tell the two apart.

    Source: Tarvainen & Valpola, Mean Teachers are Better Role Models, NeurIPS 2017, as
    applied by Kayhan et al., arXiv 1912.04618. Fixed here: the teacher is an average of
    all parameters; in the program most of its weights were random and never moved.
    """

    def __init__(
        self, consistency: dict | None = None, teacher_view: str = 'weak'
    ) -> None:
        super().__init__()
        if teacher_view not in ('weak', 'strong'):
            raise ValueError(
                f"teacher_view must be 'weak' or 'strong', got {teacher_view!r}"
            )
        self.teacher_view = teacher_view
        self.views = ('strong',) if teacher_view == 'strong' else ('strong', 'weak')
        self.consistency = TASK_UTILS.build(
            consistency
            or dict(type='ssltoolbox.SigmoidRamp', end=0.1, length=20000, by='iter')
        )

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Distance of the student from the teacher."""
        strong, seen = views['strong'], views[self.teacher_view]
        with torch.no_grad():
            said = self.task.forward(self.teacher, seen)
            taught, teacher = self.task.soft(said, seen), self.task.decode(said, seen)
            label = teacher
            if seen is not strong:
                taught = self.task.carry(taught, strong)
                label = self.task.project(teacher, strong)
        rate = self.consistency(self.progress)
        self.tell(label, teacher, loss_consistency=rate)
        return {'loss_consistency': rate * self.task.match(output, taught)}
