"""The bare network passes that a step of each method consists of.

ScarceNet: the student learns on the strong view and looks at the weak and the plain
one, the teacher at the plain and, if the config says so, the strong one. PoseCons and
PoseDual: each network learns on the labelled and the hard view and looks at the easy
one. Mean teacher: the student learns on the strong view, the teacher looks. VAT: the
student learns on the strong view and once more on the perturbed one; for each power
iteration it passes forward, and backward to the image alone. Structure from motion:
the student learns on both frames of a pair; a frozen teacher looks at them.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ssltoolbox.methods.base import Method
from ssltoolbox.methods.depth_distillation import DepthDistillation
from ssltoolbox.methods.mean_teacher import MeanTeacher
from ssltoolbox.methods.posedual import PoseCons
from ssltoolbox.methods.scarcenet import ScarceNet
from ssltoolbox.methods.sfm_supervision import SfmSupervision
from ssltoolbox.methods.together import Together
from ssltoolbox.methods.vat import VAT


class Pass(NamedTuple):
    """One pass over a view: forward, and backward to ``towards``.

    ``towards`` is ``'weights'``, ``'image'`` or, for no backward, ``'nothing'``.
    """

    network: nn.Module
    view: str
    towards: str


def passes_of(method: Method) -> list[Pass]:
    """List the passes of one step.

    Raises:
        TypeError: It is not known what a step of the method consists of.
    """
    student, look = method.student, partial(Pass, towards='nothing')
    if isinstance(method, PoseCons):
        rows = (('labelled', 'weights'), ('easy', 'nothing'))
        rows += ((method.views[-1], 'weights'),)
        return [Pass(each, *row) for row in rows for each in method.networks]
    if isinstance(method, SfmSupervision | DepthDistillation):
        learns = [Pass(student, view, 'weights') for view in method.views]
        if not method.needs_teacher:
            return learns
        return [*learns, *(look(method.teacher, view) for view in method.views)]
    learn = Pass(student, 'strong', 'weights')
    if isinstance(method, ScarceNet):
        seen = ('strong', 'plain') if method.teacher_sees_strong else ('plain',)
        looks = [look(student, 'weak'), look(student, 'plain')]
        return [learn, *looks, *(look(method.teacher, view) for view in seen)]
    if isinstance(method, MeanTeacher):
        return [learn, look(method.teacher, method.teacher_view)]
    if isinstance(method, VAT):
        power = [Pass(student, 'strong', 'image')] * method.iterations
        return [learn, *power, learn]
    if isinstance(method, Together):  # all share one pass of the student
        return [learn, *(p for part in method.methods for p in passes_of(part)[1:])]
    raise TypeError(f'say in {__name__}.py which passes {type(method).__name__} needs')


def bare_step(model: nn.Module, data: dict) -> Callable[[], None]:
    """Return a function that runs the passes, one optimiser step and nothing else."""
    inputs = model.data_preprocessor(data, True)['inputs']
    passes = passes_of(model.method)
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learnt, lr=1e-3)

    def run() -> None:
        losses: list[Tensor] = []
        for network, view, towards in passes:
            image = inputs[view]
            if towards == 'image':
                image = image.detach().requires_grad_()
            with torch.set_grad_enabled(towards != 'nothing'):
                outcome = network(image, None, mode='tensor').mean()
            if towards == 'image':
                torch.autograd.grad(outcome, image)
            elif towards == 'weights':
                losses.append(outcome)
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()

    return run
