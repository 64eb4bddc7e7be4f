"""Several consistency methods in one training, such as VAT and a mean teacher."""

import torch
from torch import Tensor, nn

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task


@TASK_UTILS.register_module()
class Together(ConsistencyMethod):
    """One supervised loss and one pass of the student, and the other losses of all.

    Hooks are told what the first method teaches, and what the teacher says in any.

    Args:
        methods: Configs of consistency methods, such as ``ssltoolbox.VAT`` and
            ``ssltoolbox.MeanTeacher``.
    """

    def __init__(self, methods: list[dict]) -> None:
        super().__init__()
        self.methods = [TASK_UTILS.build(method) for method in methods]
        names = [type(method).__name__ for method in self.methods]
        if len(set(names)) < len(names) or not names:
            raise ValueError(
                'Together needs one or more methods, each once, got '
                f'{", ".join(names) or "none"}: change its field methods'
            )
        for name, method in zip(names, self.methods, strict=True):
            if not isinstance(method, ConsistencyMethod):
                raise TypeError(
                    f'Together combines consistency methods, {name} is none: it has a '
                    'supervised loss of its own. Use it alone'
                )
        every = (view for method in self.methods for view in method.views)
        self.views = tuple(dict.fromkeys(every))
        self.needs_teacher = any(method.needs_teacher for method in self.methods)

    def bind(self, student: nn.Module, teacher: nn.Module | None, task: Task) -> None:
        """Connect all methods with the networks."""
        super().bind(student, teacher, task)
        for method in self.methods:
            method.bind(student, teacher, task)

    def sample_weight(self, batch: Batch, label: PseudoLabel) -> Tensor:
        """The largest weight (B,) that any method gives."""
        weights = [method.sample_weight(batch, label) for method in self.methods]
        return torch.stack(weights).amax(0)

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Losses of all methods."""
        losses: dict[str, Tensor] = {}
        report: dict = {}
        rates: dict[str, float] = {}
        for method in self.methods:
            method.progress, method.label = self.progress, self.label
            method.random_state = self.random_state
            method.report = {}
            losses.update(method.unlabelled_losses(views, output))
            rates.update(method.report.get('rates', {}))
            report = {**method.report, **report}
        self.report = {**report, 'rates': rates}
        return losses
