"""What all consistency methods share: the supervised loss, and what hooks are told."""

from abc import abstractmethod

from torch import Tensor

from ssltoolbox.methods.base import Method
from ssltoolbox.semi.perturb import RandomState
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch


class ConsistencyMethod(Method):
    """A supervised loss on labelled images, and a loss of its own on all of them.

    The student passes over the view ``strong`` once. The supervised loss is

       ``L_sup = sum_b w_b l(f(x_b), y_b) / n``, n images of weight w_b > 0,

    so that it does not depend on how many images of the batch are unlabelled; it is 0,
    yet attached to the student, where none is labelled.

    Attributes:
        label: Labels of the view ``strong``, in this step.
        random_state: State of the random numbers just before the student's pass.
    """

    views: tuple[str, ...] = ('strong',)

    label: PseudoLabel
    random_state: RandomState

    def loss(self, views: dict[str, Batch]) -> dict[str, Tensor]:
        """Return the losses of one step."""
        strong = views['strong']
        self.label = self.task.label(strong)
        self.random_state = RandomState(strong.inputs.device)
        output = self.task.forward(self.student, strong)
        losses = {'loss_sup': self.supervised_loss(strong, output)}
        losses.update(self.unlabelled_losses(views, output))
        return losses

    def supervised_loss(self, batch: Batch, output) -> Tensor:
        """Mean loss over the images whose label counts."""
        weight = self.sample_weight(batch, self.label)
        target, weights = self.task.target(self.label.of_samples(weight))
        # the task's loss is a mean over all images, also those without weight
        share = len(weight) / (weight != 0).sum().clamp(min=1)
        return share * self.task.loss(output, target, weights)

    def sample_weight(self, batch: Batch, label: PseudoLabel) -> Tensor:
        """Weight (B,) of each image in the supervised loss: only labelled ones count.

        Args:
            batch: The view ``strong``.
            label: Its labels, of which a method may take more.
        """
        return batch.labelled.float()

    @abstractmethod
    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Losses on all images; calls :meth:`tell`.

        Args:
            views: The views of the batch.
            output: Raw output of the student on the view ``strong``, with gradient.
        """
