"""Networks that teach: an average of the student, a frozen one, or a peer."""

import logging

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor, nn

from ssltoolbox.checkpoints.network_weights import load_network_weights
from ssltoolbox.registry import MODELS


class Teacher(BaseModule):
    """A network of the student's architecture that predicts targets.

    Args:
        network: Config of the network, by default the student's.
        mode: ``'eval'`` (statistics fixed while it predicts) or ``'train'`` (batch
            statistics, and its own running statistics move), whatever the mode of the
            model around it.
    """

    trainable = False

    def __init__(self, network: dict, mode: str = 'eval') -> None:
        super().__init__()
        if mode not in ('eval', 'train'):
            raise ValueError(f"teacher mode must be 'eval' or 'train', got {mode!r}")
        self.mode = mode
        self.model = MODELS.build(network)
        self.model.requires_grad_(self.trainable)

    def forward(self, *args, **kwargs):
        """Run the network."""
        return self.model(*args, **kwargs)

    def train(self, mode: bool = True) -> 'Teacher':
        """Follow the model's mode only where the teacher is meant to train."""
        super().train(mode)
        self.model.train(mode and self.mode == 'train')
        return self

    def reset(self, student: nn.Module) -> None:
        """Start as an exact copy of the student, buffers included."""
        self.model.load_state_dict(student.state_dict())

    def update(self, student: nn.Module) -> None:
        """React to one step of the optimiser; a fixed teacher does nothing."""


@MODELS.register_module()
class FrozenTeacher(Teacher):
    """A teacher that never changes, such as the network of an earlier stage.

    Args:
        network: Config of the network.
        checkpoint: Its weights. Without it the teacher is the student at the start; or,
            being another network, stays as it was initialised, with a warning.
    """

    def __init__(self, network: dict, checkpoint: str | None = None) -> None:
        super().__init__(network, mode='eval')
        self.checkpoint = checkpoint

    def reset(self, student: nn.Module) -> None:  # noqa: D102
        if self.checkpoint is not None:
            load_network_weights(self.model, self.checkpoint)
        elif _shapes(self.model) == _shapes(student):
            super().reset(student)
        else:
            print_log(
                'FrozenTeacher has no checkpoint and another network than the student: '
                'what it teaches is random. Set its field checkpoint',
                'current',
                logging.WARNING,
            )


@MODELS.register_module()
class PeerTeacher(Teacher):
    """A second network that learns too: each teaches the other.

    It keeps its own initial weights, for two equal networks have nothing to tell each
    other.

    Args:
        network: Config of the network.
        backbone_init: ``init_cfg`` of its backbone, such as the weights of another
            training on ImageNet; None for random ones, ``'same'`` for the network's.
    """

    trainable = True

    def __init__(
        self, network: dict, backbone_init: dict | str | None = 'same'
    ) -> None:
        if backbone_init != 'same':
            if 'backbone' not in network:
                raise ValueError(
                    'backbone_init needs a network with a field "backbone", this one '
                    f'has {", ".join(network)}: leave it out, and set the init_cfg of '
                    'the network'
                )
            own = {**network['backbone'], 'init_cfg': backbone_init}
            network = {**network, 'backbone': own}
        super().__init__(network, mode='train')

    def reset(self, student: nn.Module) -> None:
        """Keep the own initial weights."""


@MODELS.register_module()
class EMATeacher(Teacher):
    """Exponential moving average of the student.

    After optimiser step t = 0, 1, ...: ``teacher = a teacher + (1 - a) student`` with
    ``a = min(1 - 1 / (t + 1), decay)``, so the first step copies the student.

    Args:
        network: Config of the network.
        decay: Share of the OLD weights that is kept, in [0, 1).
        warmup: Use the smaller ``a`` above; else ``decay`` from the first step.
        buffers: What becomes of batch-norm statistics: ``'ema'`` averages them with
            the weights, ``'copy'`` takes the student's, ``'own'`` leaves them to the
            teacher's own passes (only sensible with ``mode='train'``).
        mode: See :class:`Teacher`.

    Source: Tarvainen & Valpola, Mean Teachers, NeurIPS 2017. ``buffers`` is ours:
    averaging the parameters alone leaves the statistics of the initial network.
    """

    def __init__(
        self,
        network: dict,
        decay: float = 0.999,
        warmup: bool = True,
        buffers: str = 'ema',
        mode: str = 'eval',
    ) -> None:
        super().__init__(network, mode)
        if not 0 <= decay < 1:
            raise ValueError(
                f'decay is the share of old weights, in [0, 1), got {decay}'
            )
        if buffers not in ('ema', 'copy', 'own'):
            raise ValueError(f"buffers must be 'ema', 'copy' or 'own', got {buffers!r}")
        if buffers == 'own' and mode == 'eval':
            raise ValueError(
                "buffers='own' with mode='eval' would freeze the statistics of the "
                "initial network: use buffers='ema', or mode='train'"
            )
        self.decay, self.warmup, self.buffers = decay, warmup, buffers
        self.updates = 0

    def current_decay(self) -> float:
        """Share of the old weights that the next update keeps."""
        return (
            min(1 - 1 / (self.updates + 1), self.decay) if self.warmup else self.decay
        )

    @torch.no_grad()
    def update(self, student: nn.Module) -> None:  # noqa: D102
        new_share = 1 - self.current_decay()
        self.updates += 1
        # one call per list: hundreds of small ones would keep a GPU waiting
        averaged = list(zip(self.model.parameters(), student.parameters(), strict=True))
        copied = []
        if self.buffers != 'own':
            for pair in zip(self.model.buffers(), student.buffers(), strict=True):
                average = self.buffers == 'ema' and pair[0].is_floating_point()
                (averaged if average else copied).append(pair)
        torch._foreach_lerp_(*_columns(averaged), new_share)
        if copied:
            torch._foreach_copy_(*_columns(copied))

    def get_extra_state(self) -> Tensor:
        """Number of updates so far, part of the checkpoint."""
        return torch.tensor(self.updates)

    def set_extra_state(self, state: Tensor) -> None:  # noqa: D102
        self.updates = int(state)


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in network.state_dict().items()}


def _columns(pairs: list[tuple[Tensor, Tensor]]) -> tuple[list[Tensor], list[Tensor]]:
    return [old.detach() for old, _ in pairs], [new.detach() for _, new in pairs]
