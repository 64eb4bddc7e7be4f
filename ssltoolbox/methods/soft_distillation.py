"""Distillation by stored probabilities, in place of stored classes."""

import torch
from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.seg import SegTask


@TASK_UTILS.register_module()
class SoftDistillation(ConsistencyMethod):
    r"""The student's probabilities match those that an earlier stage stored.

    With the stored probabilities p of an unlabelled image x, student f, and the
    distance D of the task, such as ``SegTask(match='kl')``:

       ``L = L_sup + lambda sum w D(p, f(x)) / sum w``

    over all cells of the output; w is 0 in labelled images, and where the view left
    the image. Unlike classes, probabilities tell how sure the teachers were, and how
    far they agreed, at every pixel.

    Args:
        weight: Ramp of lambda; 1 throughout by default.

    Source: Hinton et al., Distilling the Knowledge in a Neural Network, 2015, at
    temperature 1, with the teachers of Semi-Seg, which stores classes alone.
    """

    tasks = ('seg',)
    task: SegTask
    needs_teacher = False

    def __init__(self, weight: dict | None = None) -> None:
        super().__init__()
        self.weight = TASK_UTILS.build(weight or dict(type='ssltoolbox.ConstantRamp'))

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Distance of the student from what is stored."""
        strong = views['strong']
        with torch.no_grad():
            taught = self.task.stored(strong, output.shape[-2:])
            taught = taught.of_samples(~strong.labelled)
            share = taught.weight.mean().clamp(min=1e-6)
        rate = self.weight(self.progress)
        # classes of the maps, where there is no mask
        self.tell(self.label, loss_soft=rate)
        return {'loss_soft': rate * self.task.match(output, taught) / share}
