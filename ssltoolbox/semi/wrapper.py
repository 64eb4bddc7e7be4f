"""The model that learns from labelled and unlabelled images."""

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager

import torch
from mmengine.model import BaseModel
from torch import Tensor

from ssltoolbox.checkpoints.network_names import ENSEMBLE, names_of, place_of
from ssltoolbox.checkpoints.network_weights import load_network_weights
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress


@MODELS.register_module()
class SemiSupervisedModel(BaseModel):
    """Student, teacher, method and task in one mmengine model.

    It owns everything without pixels: which network learns, which teaches, which
    predicts. The task adapter owns the pixels, the method the loss.

    Args:
        student: Config of any upstream network the task can handle.
        method: Config of the method, such as ``ssltoolbox.ScarceNet``.
        task: Config of the task adapter, such as ``ssltoolbox.PoseTask``.
        teacher: Config of the teacher; its network defaults to the student's.
        init_student: Checkpoint the student starts from, None for its ``init_cfg``.
        init_from: Which network of that checkpoint; ``'auto'`` takes the teacher if
            there is one, and the student where two networks teach each other.
        data_preprocessor: Preprocessor of one view; the student's own by default.
        log_interval: Iterations over which losses are averaged on the device before
            they are handed to the log, since each hand-over stops the device.

    Attributes:
        loss_probe: Called with the losses of a step while their graph exists; hooks
            set it to look at gradients.

    Raises:
        ValueError: Method, task and teacher do not fit together.
    """

    def __init__(
        self,
        student: dict,
        method: dict,
        task: dict,
        teacher: dict | None = None,
        init_student: str | None = None,
        init_from: str = 'auto',
        data_preprocessor: dict | None = None,
        log_interval: int = 10,
    ) -> None:
        base = data_preprocessor or student['data_preprocessor']
        super().__init__(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
        self.student = MODELS.build(student)
        self.teacher = (
            MODELS.build({'network': student, **teacher}) if teacher else None
        )
        self.task = TASK_UTILS.build({**task, 'network': self.student})
        self.method = TASK_UTILS.build(method)
        self.method.bind(self.student, self.teacher, self.task)
        self.init_student, self.init_from = init_student, init_from
        self.predict_with = self.networks[-1]
        self.meter, self.log_interval = DeviceMeter(), log_interval
        self.progress: Progress | None = None
        self.loss_probe: Callable[[dict[str, Tensor]], None] | None = None

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of all that can predict, what predicts by default last."""
        peers = getattr(self.teacher, 'trainable', False)
        return names_of(self.teacher is not None, peers)

    def init_weights(self) -> None:
        """Initialise the student, then let the teacher start from it."""
        self.student.init_weights()
        if self.init_student:
            peers = getattr(self.teacher, 'trainable', False)
            own = peers and self.init_from == 'auto'
            which = 'student' if own else self.init_from
            load_network_weights(self.student, self.init_student, which)
        if self.teacher is not None:
            self.teacher.model.init_weights()
            self.teacher.reset(self.student)

    def after_optimizer_step(self) -> None:
        """Let the teacher follow the student; called once per real optimiser step."""
        if self.teacher is not None:
            self.teacher.update(self.student)

    @contextmanager
    def predicting_with(self, network: str):
        """Let ``predict`` use the given network inside the context."""
        if network not in self.networks:
            raise ValueError(f'this model has {self.networks}, not {network!r}')
        before, self.predict_with = self.predict_with, network
        try:
            yield self
        finally:
            self.predict_with = before

    def forward(self, inputs, data_samples=None, mode: str = 'tensor'):
        """Return losses of a multi-view batch, or predictions of a plain one.

        Args:
            inputs: ``{view: (B, 3, H, W)}`` in mode ``'loss'``, else (B, 3, H, W).
            data_samples: Data samples, in the same structure.
            mode: ``'loss'``, ``'predict'`` or ``'tensor'``.
        """
        if mode != 'loss':
            return self._predict(inputs, data_samples, mode)
        missing = [view for view in self.method.views if view not in inputs]
        if missing:
            raise KeyError(
                f'{type(self.method).__name__} needs the views '
                f'{", ".join(self.method.views)}, the data pipeline gives '
                f'{", ".join(inputs)}: add {", ".join(missing)} to its '
                'ssltoolbox.Branches transform'
            )
        if self.progress is None:
            raise RuntimeError(
                'the position in the training is unknown, and the teacher would never '
                "move: add dict(type='ssltoolbox.SemiSupervisionHook') to custom_hooks"
            )
        self.method.progress, self.method.report = self.progress, {}
        views = {
            name: self.task.batch(inputs[name], data_samples[name])
            for name in self.method.views
        }
        losses = self.method.loss(views)
        self.method.report.setdefault('views', views)
        return losses

    def _predict(self, inputs, data_samples, mode: str):
        if self.predict_with == ENSEMBLE:
            pair = [self.student, self.teacher.model]
            return self.task.predict_together(pair, inputs, data_samples)
        network = getattr(self, place_of(self.predict_with))
        return network(inputs, data_samples, mode=mode)

    def parse_losses(
        self, losses: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Sum the losses; log averages every ``log_interval`` iterations."""
        if self.loss_probe is not None:
            self.loss_probe(losses)
        loss, log_vars = super().parse_losses(losses)
        self.meter.add(log_vars)
        # counted from the start of the training: hooks that look at the loss every so
        # many iterations find it there, after a resume too
        done = (self.progress or Progress()).iter + 1
        return loss, self.meter.pop() if done % self.log_interval == 0 else {}


class DeviceMeter:
    """Average values on their device; one that is absent at times, over its own steps.

    >>> meter = DeviceMeter()
    >>> meter.add({'loss': torch.tensor(1.0)})
    >>> meter.add({'loss': torch.tensor(3.0), 'other': torch.tensor(5.0)})
    >>> meter.pop()
    {'loss': tensor(2.), 'other': tensor(5.)}
    """

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: Counter[str] = Counter()

    @torch.no_grad()
    def add(self, values: dict[str, Tensor]) -> None:
        """Add the values of one step."""
        self.counts.update(values.keys())
        for key, value in values.items():
            value = value.detach().float()
            self.sums[key] = self.sums[key] + value if key in self.sums else value

    def pop(self) -> dict[str, Tensor]:
        """Return the averages since the last call."""
        means = {key: total / self.counts[key] for key, total in self.sums.items()}
        self.sums, self.counts = {}, Counter()
        return means
