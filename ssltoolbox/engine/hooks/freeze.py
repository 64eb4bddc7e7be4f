"""Leave a part of the network as it is, while the rest begins to learn."""

from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import HOOKS


@HOOKS.register_module()
class FreezeHook(Hook):
    """Train without parts of the network for the first epochs, then with them.

    A frozen part has no gradient, so that the optimiser neither moves nor decays it,
    and is in eval mode: statistics of its batch norms stay, its dropout is off. What
    the network itself freezes stays frozen. A resumed run goes by its epoch.

    Args:
        epochs: Epochs for which the parts are frozen (>= 1).
        parts: Names of sub-modules of the network, of the student where there is one.

    Raises:
        ValueError: ``epochs`` is out of range, the network has no such part, or
            several processes do not expect unused parameters.
    """

    priority = 'VERY_LOW'  # after hooks that put the model into training mode

    def __init__(self, epochs: int, parts: Sequence[str] = ('backbone',)) -> None:
        if epochs < 1:
            raise ValueError(f'epochs must be at least 1, got {epochs}')
        self.epochs = epochs
        self.parts = [parts] if isinstance(parts, str) else list(parts)

    def before_train(self, runner: Runner) -> None:
        """Find the parts, and remember which of their parameters learn."""
        wrapped = is_model_wrapper(runner.model)
        if wrapped and not getattr(runner.model, 'find_unused_parameters', True):
            raise ValueError(
                'FreezeHook leaves parameters without a gradient, for which several '
                'processes would wait: set find_unused_parameters=True in the config'
            )
        model = unwrap(runner.model)
        network = getattr(model, 'student', model)
        known = dict(network.named_modules())
        absent = [name for name in self.parts if name not in known]
        if absent:
            raise ValueError(
                f'FreezeHook: {type(network).__name__} has no part {absent[0]!r}; it '
                f'has {", ".join(name for name, _ in network.named_children())}'
            )
        self.modules: list[nn.Module] = [known[name] for name in self.parts]
        self.learning = [
            each for part in self.modules for each in part.parameters()
            if each.requires_grad
        ]  # fmt: skip

    def before_train_epoch(self, runner: Runner) -> None:
        """Freeze, or set free."""
        frozen = runner.epoch < self.epochs
        for parameter in self.learning:
            parameter.requires_grad_(not frozen)
        if runner.epoch in (0, self.epochs):
            done = 'frozen' if frozen else 'set free'
            runner.logger.info(f'{", ".join(self.parts)} {done}')

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Keep eval mode, which every epoch and validation of the loop ends."""
        if runner.epoch < self.epochs:
            for part in self.modules:
                part.eval()
