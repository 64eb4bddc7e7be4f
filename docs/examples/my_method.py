"""Learn what the teacher is sure of."""

from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class SureTeacher(ConsistencyMethod):
    """The supervised loss, and that of what the teacher is sure of in the weak view.

    With student f, teacher g, its score s, and A from the weak view to the strong one:

       ``L = L_sup + mean [s(x') > min_score] l(f(x), A g(x'))``

    Args:
        min_score: Least score of what is learnt, in [0, 1].
    """

    tasks = ('pose', 'seg')
    views = ('strong', 'weak')

    def __init__(self, min_score: float = 0.9) -> None:
        super().__init__()
        self.min_score = min_score

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Loss of the teacher's sure labels, drawn anew in the student's view."""
        said = self.task.predict(self.teacher, views['weak'])
        sure = said.reweighted(said.weight * (said.score > self.min_score))
        label = self.task.project(sure, views['strong'])
        self.tell(label, said, loss_sure=1.0)
        return {'loss_sure': self.task.loss(output, *self.task.target(label))}
