"""Learn from an averaged teacher where it is sure, and from nothing elsewhere."""

import torch
from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class SureTeacher(ConsistencyMethod):
    """A mean teacher that is silent where it does not know.

    With student f on the strong view x, teacher g on the weak view x', A from x' to x,
    and s the highest of the teacher's maps or probabilities at a cell:

       ``L = L_sup + lambda(t) mean [s >= min_score] (f(x) - A g(x'))^2``.

    Args:
        min_score: Lowest s that teaches, in [0, 1].
        consistency: Ramp of lambda.
    """

    tasks = ('pose', 'seg')  # in which every keypoint, every pixel has a score
    views = ('weak', 'strong')

    def __init__(self, min_score: float, consistency: dict) -> None:
        super().__init__()
        if not 0 <= min_score <= 1:
            raise ValueError(f'min_score is a probability in [0, 1], got {min_score}')
        self.min_score = min_score
        self.consistency = TASK_UTILS.build(consistency)

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Distance of the student from the teacher, where the teacher is sure."""
        weak, strong = views['weak'], views['strong']
        with torch.no_grad():
            said = self.task.forward(self.teacher, weak)
            soft = self.task.soft(said, weak)
            sure = soft.value.amax(1, keepdim=True) >= self.min_score
            taught = self.task.carry(soft.reweighted(soft.weight * sure), strong)
            teacher = self.task.decode(said, weak)
        label = teacher.reweighted(teacher.weight * (teacher.score >= self.min_score))
        label = self.task.project(label, strong)
        rate = self.consistency(self.progress)
        self.tell(label, teacher, kept=label.weight != 0, loss_consistency=rate)
        return {'loss_consistency': rate * self.task.match(output, taught)}
