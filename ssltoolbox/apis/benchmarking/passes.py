"""The bare network passes that a training step consists of, seen from the step itself.

A step is run once and watched: which network sees how many images, and where its
backward pass ends. The passes are then repeated on the same images, without anything
between them. What they are is part of the report, so that a pass too many shows.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ssltoolbox.semi.perturb import appended_dropout


@dataclass
class Pass:
    """One pass of a network.

    Attributes:
        name: Of the network, such as ``'student'``.
        network: What is called as ``network(images, None, mode='tensor')``.
        images: (B, 3, H, W), normalised.
        towards: Where the backward pass ends: ``'weights'``, ``'image'``, or
            ``'nothing'``, if there is none.
        appended: Images that the head sees besides, of features that were dropped.
    """

    name: str
    network: nn.Module
    images: Tensor
    towards: str
    appended: int = 0

    def __str__(self) -> str:
        more = f' + {self.appended} dropped' if self.appended else ''
        return f'{self.name}, {len(self.images)}{more} to {self.towards}'


def record_passes(model: nn.Module, step: Callable[[], object]) -> list[Pass]:
    """Run a step and note its passes, in their order.

    Args:
        model: Networks are its parts with a backbone, or itself.
        step: A training step of it.

    Raises:
        ValueError: No network was called.
    """
    passes: list[Pass] = []
    with _watched(model, passes):
        step()
    if not passes:
        raise ValueError(
            f'{type(model).__name__}: no network with a backbone was called in a step, '
            'so there is nothing to compare it with'
        )
    return passes


@contextmanager
def _watched(model: nn.Module, passes: list[Pass]) -> Iterator[None]:
    handles: list = []
    counted: set[int] = set()
    for name, network in model.named_modules():
        if isinstance(getattr(network, 'backbone', None), nn.Module):
            title = name.split('.')[0] or 'network'
            enter = _note_pass(passes, title, network)
            handles.append(network.backbone.register_forward_pre_hook(enter))
            head = getattr(network, 'decode_head', None) or network.head
            # losses of upstream heads do not call the head itself, only its layers
            handles += [
                layer.register_forward_pre_hook(_note_rows(passes, network, counted))
                for layer in head.modules()
                if not list(layer.children())
            ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _note_pass(passes: list[Pass], name: str, network: nn.Module):
    def enter(module: nn.Module, inputs: tuple) -> None:
        images = inputs[0]
        trained = any(p.requires_grad for p in network.parameters())
        towards = 'nothing'
        if torch.is_grad_enabled() and (images.requires_grad or trained):
            towards = 'image' if images.requires_grad else 'weights'
        passes.append(Pass(name, network, images.detach().clone(), towards))

    return enter


def _note_rows(passes: list[Pass], network: nn.Module, counted: set[int]):
    def enter(module: nn.Module, inputs: tuple) -> None:
        number = len(passes)
        if number in counted or not passes or passes[-1].network is not network:
            return
        counted.add(number)  # only the first layer: others may regroup the images
        rows = len(inputs[0]) if inputs and isinstance(inputs[0], Tensor) else 0
        passes[-1].appended = max(rows - len(passes[-1].images), 0)

    return enter


def bare_step(model: nn.Module, passes: Sequence[Pass]) -> Callable[[], None]:
    """Return a function that runs the passes, one optimiser step and nothing else."""
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learnt, lr=1e-3)

    def run() -> None:
        losses: list[Tensor] = []
        for each in passes:
            outcome = _run(each)
            if each.towards == 'weights':
                losses.append(outcome)
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()

    return run


def _run(each: Pass) -> Tensor:
    images = each.images
    if each.towards == 'image':
        images = images.detach().requires_grad_()
    last = slice(len(images) - each.appended, None)
    dropped = appended_dropout(each.network.backbone, last)
    with torch.set_grad_enabled(each.towards != 'nothing'):
        with dropped if each.appended else nullcontext():
            outcome = _mean(each.network(images, None, mode='tensor'))
    if each.towards == 'image':
        torch.autograd.grad(outcome, images)
    return outcome


def _mean(output: Tensor | Sequence[Tensor]) -> Tensor:
    parts = [output] if isinstance(output, Tensor) else list(output)
    return torch.stack([part.mean() for part in parts]).mean()


def summary(passes: Sequence[Pass]) -> list[str]:
    """Say what the passes are, equal ones once with their number.

    >>> student = Pass('student', nn.Identity(), torch.zeros(4, 3, 8, 8), 'weights')
    >>> summary([student, student])
    ['2 x student, 4 to weights']
    """
    return [f'{count} x {text}' for text, count in Counter(map(str, passes)).items()]
