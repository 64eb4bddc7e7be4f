"""A task so small that a step takes milliseconds: network, adapter and batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

COUNT = 4
"""Images of a batch."""


@dataclass(frozen=True)
class TinyTask:
    """All that a method needs in order to be tried.

    Attributes:
        network: Config of the student.
        task: Config of the task adapter.
        batch: ``batch(views, labelled, known)`` gives the views of COUNT images as a
            data loader does, ``{'inputs': {view: images}, 'data_samples': {view:
            samples}}``. The first ``labelled`` images are a person's. Where
            ``known`` is False no image has a label of any kind.
    """

    network: dict[str, Any]
    batch: Callable[[Sequence[str], int, bool], dict[str, dict]]
    task: dict[str, Any] = field(default_factory=dict)

    def built(self) -> tuple[Any, Any]:
        """The network, of fixed weights, and the adapter to it."""
        from ssltoolbox.registry import MODELS, TASK_UTILS

        torch.manual_seed(0)
        network = MODELS.build(self.network)
        return network, TASK_UTILS.build({**self.task, 'network': network})


def tiny_task(name: str) -> TinyTask:
    """The tiny task of one of this package's adapters.

    Args:
        name: ``name`` of the adapter: ``'pose'``, ``'seg'``, ``'depth'`` or
            ``'bottomup_pose'``, for which there is a module ``tiny_<name>``.

    Raises:
        ValueError: There is no such module.
    """
    here = Path(__file__).parent
    known = sorted(file.stem[5:] for file in here.glob('tiny_*.py'))
    if name not in known:
        raise ValueError(
            f'there is no tiny task for {name!r}, but for {", ".join(known)}: pass a '
            'TinyTask of your own'
        )
    return import_module(f'ssltoolbox.testing.tiny_{name}').tiny()
