"""Pseudo-labelling: stored predictions that a filter accepted count as labels."""

from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class PseudoLabelling(ConsistencyMethod):
    """Labelled and accepted pseudo-labelled images in one supervised loss.

    ``L = sum_b w_b l(f(x_b), y_b) / n`` over the n images that have a label. An
    unlabelled image whose stored prediction was rejected has none: it counts neither
    above nor below the line.

    Args:
        pseudo_weight: Weight w of a pseudo-labelled image, > 0; 1 as published. It acts
            as weights of labels do in the task's loss: squared in ``JointsMSELoss``,
            unless it is told otherwise.

    Source: Kayhan et al., arXiv 1912.04618, one round. Fixed here: the program read
    pseudo labels, and images without one, as maps of zeros with weight 1.
    """

    needs_teacher = False

    def __init__(self, pseudo_weight: float = 1.0) -> None:
        super().__init__()
        if pseudo_weight <= 0:
            raise ValueError(
                f'pseudo_weight must be above 0, got {pseudo_weight}: to train on '
                'labelled images alone, use a config without a semi-supervised method'
            )
        self.pseudo_weight = pseudo_weight

    def sample_weight(self, batch: Batch, label: PseudoLabel) -> Tensor:
        """Weight (B,): 1 of labelled images, 0 of those without any label."""
        accepted = (label.weight != 0).flatten(1).any(1) & ~batch.labelled
        return batch.labelled + self.pseudo_weight * accepted

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """None: the pseudo labels are in the supervised loss."""
        self.tell(self.label)
        return {}
